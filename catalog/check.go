package catalog

import "github.com/florin-studio/florin/catalog/internal/form"

func check(doc *form.Document, s *sheet)            {}
func (c *Catalog) checkExamples(doc *form.Document) {}
