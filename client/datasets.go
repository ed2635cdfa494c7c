package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Dataset is a named collection of pictures. Its calls act for the person whose key it is.
type Dataset struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// Images is how many pictures it has.
	Images  int       `json:"images"`
	Created time.Time `json:"created_at"`
	Updated time.Time `json:"updated_at"`
}

// NewDataset is what a dataset is made with; Description may be empty.
type NewDataset struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Upload is a file that somebody gave, such as a picture of a dataset.
type Upload struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Width   int       `json:"width"`
	Height  int       `json:"height"`
	Bytes   int64     `json:"bytes"`
	URL     string    `json:"url"`
	Created time.Time `json:"created_at"`
}

func dataset(id, rest string) string { return "/datasets/" + url.PathEscape(id) + rest }

// Datasets gives up to limit datasets, newest first, and the cursor of the next page.
func (c *Client) Datasets(ctx context.Context, cursor string, limit int) (all []Dataset, next string, err error) {
	var page struct {
		Datasets []Dataset `json:"datasets"`
		Next     string    `json:"next_cursor"`
	}
	err = c.read(ctx, "/datasets", pageOf(cursor, limit), &page)
	return page.Datasets, page.Next, err
}

// Dataset tells of one dataset.
func (c *Client) Dataset(ctx context.Context, id string) (d Dataset, err error) {
	err = c.read(ctx, dataset(id, ""), nil, &d)
	return d, err
}

// CreateDataset makes an empty dataset.
func (c *Client) CreateDataset(ctx context.Context, n NewDataset, options ...Option) (d Dataset, err error) {
	err = c.write(ctx, "/datasets", n, &d, options)
	return d, err
}

// DeleteDataset removes a dataset with its pictures.
func (c *Client) DeleteDataset(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, dataset(id, ""), newKey(), nil, nil)
}

// DatasetImages gives up to limit pictures of a dataset, newest first, and the cursor of
// the next page.
func (c *Client) DatasetImages(ctx context.Context, id, cursor string, limit int) (images []Upload, next string, err error) {
	var page struct {
		Images []Upload `json:"images"`
		Next   string   `json:"next_cursor"`
	}
	err = c.read(ctx, dataset(id, "/images"), pageOf(cursor, limit), &page)
	return page.Images, page.Next, err
}

// AddDatasetImage puts a picture into a dataset: PNG, JPEG or WebP, by a name with that ending.
func (c *Client) AddDatasetImage(ctx context.Context, id, name string, data []byte, options ...Option) (u Upload, err error) {
	err = c.write(ctx, dataset(id, "/images?name="+url.QueryEscape(name)), file(data), &u, options)
	return u, err
}

// CopyToDataset puts a copy of a generated picture into a dataset.
func (c *Client) CopyToDataset(ctx context.Context, id, picture string, options ...Option) (u Upload, err error) {
	err = c.write(ctx, dataset(id, "/copies"), map[string]string{"picture": picture}, &u, options)
	return u, err
}

// DeleteDatasetImage removes a picture of a dataset.
func (c *Client) DeleteDatasetImage(ctx context.Context, id, image string) error {
	return c.call(ctx, http.MethodDelete, dataset(id, "/images/"+url.PathEscape(image)), newKey(), nil, nil)
}
