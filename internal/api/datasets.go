package api

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/studio"
)

// Dataset is a named collection of pictures.
type Dataset struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Images      int    `json:"images" doc:"How many pictures it has."`
	Created     string `json:"created_at" format:"date-time"`
	Updated     string `json:"updated_at" format:"date-time" doc:"When a picture last came or went."`
}

// Datasets is a page of datasets, newest first.
type Datasets struct {
	Datasets   []Dataset `json:"datasets"`
	NextCursor string    `json:"next_cursor,omitempty"`
}

// DatasetTerms is what a dataset is made with.
type DatasetTerms struct {
	Name        string `json:"name" minLength:"1" maxLength:"120"`
	Description string `json:"description,omitempty" maxLength:"1500"`
}

// DatasetImages is a page of a dataset's pictures, newest first. They are uploads of the
// kind dataset.
type DatasetImages struct {
	Images     []Upload `json:"images"`
	NextCursor string   `json:"next_cursor,omitempty"`
}

// DatasetCopy names what is copied into a dataset.
type DatasetCopy struct {
	Picture string `json:"picture" minLength:"1" maxLength:"100" doc:"The id of a picture of one's own."`
}

const datasetsPath = "/api/v1/datasets"

func (s *server) datasetRoutes(api huma.API) {
	one, images := datasetsPath+"/{id}", datasetsPath+"/{id}/images"
	huma.Register(api, huma.Operation{OperationID: "list-datasets", Method: http.MethodGet, Path: datasetsPath, Summary: "One's own datasets, newest first"}, s.listDatasets)
	huma.Register(api, huma.Operation{OperationID: "create-dataset", Method: http.MethodPost, Path: datasetsPath, DefaultStatus: http.StatusCreated, Summary: "Make an empty dataset"}, s.createDataset)
	huma.Register(api, huma.Operation{OperationID: "get-dataset", Method: http.MethodGet, Path: one, Summary: "One dataset"}, s.getDataset)
	huma.Register(api, huma.Operation{OperationID: "delete-dataset", Method: http.MethodDelete, Path: one, DefaultStatus: http.StatusNoContent, Summary: "Remove a dataset with its pictures"}, s.deleteDataset)
	huma.Register(api, huma.Operation{OperationID: "list-dataset-images", Method: http.MethodGet, Path: images, Summary: "A dataset's pictures, newest first"}, s.listDatasetImages)
	huma.Register(api, withFile(huma.Operation{
		OperationID: "create-dataset-image", Method: http.MethodPost, Path: images, DefaultStatus: http.StatusCreated, Summary: "Put a picture into a dataset",
		Description: "Send the file as the body, or as the field `file` of a form: PNG, JPEG or WebP, read and written anew as uploads are.",
	}), s.createDatasetImage)
	huma.Register(api, huma.Operation{OperationID: "copy-to-dataset", Method: http.MethodPost, Path: one + "/copies", DefaultStatus: http.StatusCreated, Summary: "Put a copy of a generated picture into a dataset"}, s.copyToDataset)
	huma.Register(api, huma.Operation{OperationID: "delete-dataset-image", Method: http.MethodDelete, Path: images + "/{image}", DefaultStatus: http.StatusNoContent, Summary: "Remove a picture of a dataset"}, s.deleteDatasetImage)
}

func datasetOf(d *studio.Dataset) Dataset {
	return Dataset{ID: d.ID, Name: d.Name, Description: d.Description, Images: d.Images, Created: d.Created.String(), Updated: d.Updated.String()}
}

func (s *server) listDatasets(ctx context.Context, in *page) (*answer[Datasets], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	list, err := s.Studio.Datasets(ctx, p.Account, in.Cursor, in.Limit)
	out := Datasets{Datasets: []Dataset{}}
	for i := range list {
		out.Datasets = append(out.Datasets, datasetOf(&list[i]))
	}
	if n := len(list); n == in.Limit {
		out.NextCursor = studio.Cursor(list[n-1].Created, list[n-1].ID)
	}
	return &answer[Datasets]{Body: out}, s.fail(err)
}

func (s *server) createDataset(ctx context.Context, in *struct{ Body DatasetTerms }) (*answer[Dataset], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	d, err := s.Studio.CreateDatasetAs(ctx, p.Account, requestID(ctx), in.Body.Name, in.Body.Description)
	return &answer[Dataset]{Body: datasetOf(&d)}, s.fail(err)
}

func (s *server) getDataset(ctx context.Context, in *byID) (*answer[Dataset], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	d, err := s.Studio.Dataset(ctx, p.Account, in.ID)
	return &answer[Dataset]{Body: datasetOf(&d)}, s.fail(err)
}

func (s *server) deleteDataset(ctx context.Context, in *byID) (*struct{}, error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return nil, s.fail(s.Studio.DeleteDataset(ctx, p.Account, in.ID))
}

func (s *server) listDatasetImages(ctx context.Context, in *struct {
	ByID
	Page
}) (*answer[DatasetImages], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	list, err := s.Studio.DatasetImages(ctx, p.Account, in.ID, in.Cursor, in.Limit)
	out := DatasetImages{Images: []Upload{}}
	for _, u := range list {
		out.Images = append(out.Images, uploadOf(u))
	}
	if n := len(list); n == in.Limit {
		out.NextCursor = studio.Cursor(list[n-1].Created, list[n-1].ID)
	}
	return &answer[DatasetImages]{Body: out}, s.fail(err)
}

func (s *server) createDatasetImage(ctx context.Context, in *struct {
	ByID
	Name        string `query:"name" maxLength:"200" doc:"The file's name with its ending; for bodies that are not a form."`
	ContentType string `header:"Content-Type"`
	RawBody     []byte
}) (*answer[Upload], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	f, err := fileOf(in.ContentType, in.Name, in.RawBody)
	if err != nil {
		return nil, s.fail(err)
	}
	u, err := s.Studio.AddToDataset(ctx, p.Account, in.ID, requestID(ctx), f.name, bytes.NewReader(f.data))
	return &answer[Upload]{Body: uploadOf(u)}, s.fail(err)
}

func (s *server) copyToDataset(ctx context.Context, in *struct {
	ByID
	Body DatasetCopy
}) (*answer[Upload], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	u, err := s.Studio.CopyToDataset(ctx, p.Account, in.ID, requestID(ctx), in.Body.Picture)
	return &answer[Upload]{Body: uploadOf(u)}, s.fail(err)
}

func (s *server) deleteDatasetImage(ctx context.Context, in *struct {
	ByID
	Image string `path:"image"`
}) (*struct{}, error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return nil, s.fail(s.Studio.DeleteFromDataset(ctx, p.Account, in.ID, in.Image))
}
