package leonardo

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/florin-studio/florin/internal/identity"
)

// Why some calls of the API do nothing here.
const (
	noTraining  = "no engine of this installation trains models"
	noMotion    = "no engine of this installation makes videos"
	noBlueprint = "this installation has no blueprints"
)

// absent are the calls that this installation has nothing for: making is refused and
// costs nothing, and lists of what was made are empty.
func (s *server) absent() []route {
	const read, generate = identity.Read, identity.Generate
	var routes []route
	refused := func(why string, patterns ...string) {
		for _, p := range patterns {
			routes = append(routes, route{p, generate, func(http.ResponseWriter, *http.Request, caller) error { return wrong(why) }})
		}
	}
	empty := func(pattern, name string, body any) {
		routes = append(routes, route{pattern, read, func(w http.ResponseWriter, r *http.Request, _ caller) error {
			for _, part := range []string{"id", "user"} {
				if r.PathValue(part) == "" {
					continue
				}
				if _, err := pathID(r, part); err != nil {
					return err
				}
			}
			return reply(w, map[string]any{name: body})
		}})
	}
	refused(noTraining, "POST /elements", "POST /models")
	routes = append(routes, route{"GET /elements/{number}", read, byNumber("user_loras_by_pk")}, route{"DELETE /elements/{number}", generate, byNumber("delete_user_loras_by_pk")})
	empty("GET /elements/user/{user}", "user_loras", []any{})
	empty("GET /models/{id}", "custom_models_by_pk", nil)
	empty("DELETE /models/{id}", "delete_custom_models_by_pk", nil)
	empty("GET /models/user/{user}", "custom_models", []any{})

	refused(noMotion, "POST /generations-motion-svd", "POST /generations-text-to-video", "POST /generations-image-to-video", "POST /generations-video-upscale", "POST /media")
	empty("GET /motion-variations/{id}", "generated_image_variation_motion", []any{})
	empty("GET /media/{id}", "uploaded_media_by_pk", nil)
	empty("DELETE /media/{id}", "delete_uploaded_media_by_pk", nil)
	refused(noBlueprint, "GET /blueprints", "GET /blueprints/{rest...}", "POST /blueprint-executions", "GET /blueprint-executions", "GET /blueprint-executions/{rest...}")
	return routes
}

// byNumber answers calls about trained Elements, whose ids are numbers: there are none.
func byNumber(name string) handler {
	return func(w http.ResponseWriter, r *http.Request, _ caller) error {
		text := r.PathValue("number")
		if _, err := strconv.ParseInt(text, 10, 32); err != nil {
			why := "invalid input syntax for type integer: "
			if errors.Is(err, strconv.ErrRange) {
				why = "value is out of range for type integer: "
			}
			return &badField{"bad-request", "$", why + strconv.Quote(text)}
		}
		return reply(w, map[string]any{name: nil})
	}
}
