package leonardo

import (
	"net/http"
	"unicode/utf8"

	"github.com/florin-studio/florin/internal/studio"
)

// maxImprovable bounds a prompt that is to be improved, in characters.
const maxImprovable = 200

func (s *server) improvePrompt(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "promptGeneration")
	if err != nil {
		return err
	}
	prompt, instructions := f.needed("prompt"), f.text("promptInstructions", "")
	if f.err == nil && utf8.RuneCountInString(prompt) > maxImprovable {
		f.err = wrong("Prompt is too long, please keep it under 200 characters")
	}
	if f.err != nil {
		return f.err
	}
	better, err := s.Studio.ImprovePrompt(r.Context(), c.Account, prompt, instructions, studio.Help{APIKey: &c.key})
	return suggested(w, better, err)
}

func (s *server) randomPrompt(w http.ResponseWriter, r *http.Request, c caller) error {
	found, err := s.Studio.RandomPrompt(r.Context(), c.Account, studio.Help{APIKey: &c.key})
	return suggested(w, found, err)
}

func suggested(w http.ResponseWriter, p studio.Suggestion, err error) error {
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"promptGeneration": cost(map[string]any{"prompt": p.Prompt}, p.Tokens)})
}
