package leonardo

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// The closed lists of this API.
var (
	schedulers = []string{"KLMS", "EULER_ANCESTRAL_DISCRETE", "EULER_DISCRETE", "DDIM", "DPM_SOLVER", "PNDM", "LEONARDO"}
	presets    = []string{"ANIME", "BOKEH", "CINEMATIC", "CINEMATIC_CLOSEUP", "CREATIVE", "DYNAMIC", "ENVIRONMENT", "FASHION", "FILM", "FOOD",
		"GENERAL", "HDR", "ILLUSTRATION", "LEONARDO", "LONG_EXPOSURE", "MACRO", "MINIMALISTIC", "MONOCHROME", "MOODY", "NONE", "NEUTRAL",
		"PHOTOGRAPHY", "PORTRAIT", "RAYTRACED", "RENDER_3D", "RETRO", "SKETCH_BW", "SKETCH_COLOR", "STOCK_PHOTO", "VIBRANT", "UNPROCESSED"}
	versions = []string{"v1_5", "v2", "v3", "SDXL_0_8", "SDXL_0_9", "SDXL_1_0", "SDXL_LIGHTNING", "PHOENIX", "FLUX", "FLUX_DEV", "KINO_2_0"}
)

// cost is what a job holds, in both of this API's ways.
func cost(into map[string]any, tokens int64) map[string]any {
	into["apiCreditCost"] = tokens
	into["cost"] = map[string]string{"amount": strconv.FormatInt(tokens, 10), "unit": "CREDITS"}
	return into
}

// status is a job's state in this API's three words.
func status(j *studio.Job) string {
	switch j.Status {
	case studio.Complete:
		return "COMPLETE"
	case studio.Failed, studio.Cancelled:
		return "FAILED"
	}
	return "PENDING"
}

// base is where this server can be reached from outside.
func (s *server) base(r *http.Request) string {
	if s.PublicURL != "" {
		return strings.TrimSuffix(s.PublicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// wireTime is UTC without a zone letter, as the public API writes it.
func wireTime(i calendar.Instant) string { return i.Time().UTC().Format("2006-01-02T15:04:05.000") }

func optionalTime(i calendar.Instant) any {
	if i == 0 {
		return nil
	}
	return wireTime(i)
}

func nullable[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// pageOf reads the offset and limit of a list.
func pageOf(r *http.Request) (skip, limit int, err error) {
	limit = 10
	for _, q := range []struct {
		name string
		to   *int
		most int
	}{{"offset", &skip, 1_000_000}, {"limit", &limit, 100}} {
		text := r.URL.Query().Get(q.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return 0, 0, &badField{"validation-failed", "$.query." + q.name, "expected a 32-bit integer for type 'Int', but found " + strconv.Quote(text)}
		}
		*q.to = min(n, q.most)
	}
	return skip, limit, nil
}
