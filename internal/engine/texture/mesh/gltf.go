package mesh

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// most is how many entries one list of a GLB's JSON may have. It bounds the memory that
// reading takes: an entry of a few letters can become a structure of many bytes.
const most = 100_000

// list is a JSON list of at most that many entries.
type list[T any] []T

// UnmarshalJSON reads the entries one by one.
func (l *list[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	in := json.NewDecoder(bytes.NewReader(data))
	start, err := in.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('[') {
		return fmt.Errorf("found %.20s, want a list", data)
	}
	for in.More() {
		if len(*l) == most {
			return fmt.Errorf("a list has more than the %d entries that are allowed", most)
		}
		var entry T
		if err := in.Decode(&entry); err != nil {
			return err
		}
		*l = append(*l, entry)
	}
	return nil
}

// document is what we read of a GLB's JSON.
type document struct {
	Asset struct {
		Version string `json:"version"`
	} `json:"asset"`
	Required    list[string] `json:"extensionsRequired"`
	Scene       *int         `json:"scene"`
	Scenes      list[scene]  `json:"scenes"`
	Nodes       list[node]   `json:"nodes"`
	Meshes      list[shape]  `json:"meshes"`
	Accessors   list[access] `json:"accessors"`
	BufferViews list[view]   `json:"bufferViews"`
	Buffers     list[buffer] `json:"buffers"`
}

type scene struct {
	Nodes list[int] `json:"nodes"`
}

type node struct {
	Children    list[int]     `json:"children"`
	Mesh        *int          `json:"mesh"`
	Matrix      list[float64] `json:"matrix"`
	Translation list[float64] `json:"translation"`
	Rotation    list[float64] `json:"rotation"`
	Scale       list[float64] `json:"scale"`
	Extensions  struct {
		Instancing *struct{} `json:"EXT_mesh_gpu_instancing"`
	} `json:"extensions"`
}

type shape struct {
	Primitives list[primitive] `json:"primitives"`
}

type primitive struct {
	Attributes struct {
		Position *int `json:"POSITION"`
		Normal   *int `json:"NORMAL"`
		UV       *int `json:"TEXCOORD_0"`
	} `json:"attributes"`
	Indices    *int `json:"indices"`
	Mode       *int `json:"mode"`
	Extensions struct {
		Draco *struct{} `json:"KHR_draco_mesh_compression"`
	} `json:"extensions"`
}

type access struct {
	View       *int      `json:"bufferView"`
	Offset     int64     `json:"byteOffset"`
	Component  int       `json:"componentType"`
	Normalized bool      `json:"normalized"`
	Count      int64     `json:"count"`
	Type       string    `json:"type"`
	Sparse     *struct{} `json:"sparse"`
}

type view struct {
	Buffer     int   `json:"buffer"`
	Offset     int64 `json:"byteOffset"`
	Length     int64 `json:"byteLength"`
	Stride     int64 `json:"byteStride"`
	Extensions struct {
		Meshopt    *struct{} `json:"EXT_meshopt_compression"`
		MeshoptKHR *struct{} `json:"KHR_meshopt_compression"`
	} `json:"extensions"`
}

type buffer struct {
	URI    *string `json:"uri"`
	Length int64   `json:"byteLength"`
}

// check refuses what would be read wrongly.
func (d *document) check() error {
	if major, _, _ := strings.Cut(d.Asset.Version, "."); major != "2" {
		return fmt.Errorf("asset.version is %.20q, allowed is 2.x", d.Asset.Version)
	}
	for i, name := range d.Required {
		at := fmt.Sprintf("extensionsRequired[%d]", i)
		switch {
		case name == "KHR_draco_mesh_compression":
			return compressed(at, "Draco")
		case name == "EXT_meshopt_compression", name == "KHR_meshopt_compression":
			return compressed(at, "meshopt")
		case name == "KHR_mesh_quantization", name == "KHR_texture_transform", name == "KHR_lights_punctual",
			name == "KHR_texture_basisu", strings.HasPrefix(name, "KHR_materials_"), strings.HasPrefix(name, "EXT_texture_"):
			// Quantised numbers are read; materials and pictures are replaced anyway.
		default:
			return fmt.Errorf("%s is %.60q, which is not read; allowed are KHR_mesh_quantization and extensions of materials, textures and lights", at, name)
		}
	}
	return nil
}

func compressed(at, how string) error {
	return fmt.Errorf("%s: the mesh is compressed with %s; only uncompressed meshes are read: export it without compression", at, how)
}
