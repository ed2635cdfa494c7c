package studio

import "github.com/florin-studio/florin/token"

// Blocked is a prompt with a word that the catalog blocks. It never becomes a job, and
// nothing is charged (T19).
type Blocked struct{ Word string }

// Error names the word.
func (b *Blocked) Error() string { return b.Unwrap().Error() }

// Unwrap is the same as a wrong value, for those who don't tell it apart.
func (b *Blocked) Unwrap() error {
	return &token.Invalid{Field: "prompt", Value: b.Word, Allowed: "prompts without the words that this installation blocks"}
}

// blocked looks for blocked words in what is asked for.
func (s *Studio) blocked(prompt string) error {
	if word, found := s.Catalog().Blocked(prompt); found {
		return &Blocked{word}
	}
	return nil
}
