package catalog

import "github.com/florin-studio/florin/catalog/internal/form"

// Overlay is a part of a catalog that changes another one, such as
//
//	plans: [{id: apprentice, rollover: {cap: 1000}}]
//	gifts: {enabled: true}
//
// What it does not name stays. Entries of lists are recognised by their id.
type Overlay = form.Raw

// ParseOverlay reads the text of an overlay; only With tells whether it fits.
func ParseOverlay(name string, yaml []byte) (*Overlay, error) {
	docs, err := form.Documents(name, yaml)
	if err != nil {
		return nil, err
	}
	if len(docs) > 1 {
		docs[0].Fault("", "", "the file has several documents", "one document")
		return nil, docs[0].Err()
	}
	return docs[0].Raw(), nil
}

// With gives a new catalog: this one as the overlay changes it, without this one's
// examples. The error is of type Faults, about the overlay.
func (c *Catalog) With(o *Overlay) (*Catalog, error) {
	docs, err := form.Documents("catalog", form.Print(c.sheet, "examples"))
	if err != nil {
		return nil, err
	}
	changed := &Catalog{}
	docs[0].Read(&changed.sheet)
	doc := o.Over(&changed.sheet)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return changed.finish(doc)
}
