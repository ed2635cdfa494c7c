package mesh

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Bounds of a GLB's JSON. They bound the memory that reading takes: an entry of a few
// letters can become a structure of many bytes.
const (
	// most is how many entries one list may have.
	most = 100_000
	// mostObjects is how many objects there may be in all.
	mostObjects = 1_000_000
)

// list is a JSON list of at most that many entries.
type list[T any] []T

// UnmarshalJSON counts the entries before it makes room for them.
func (l *list[T]) UnmarshalJSON(data []byte) error {
	switch {
	case string(data) == "null":
		return nil
	case data[0] != '[':
		return fmt.Errorf("found %.20s, want a list", data)
	case *l != nil:
		return errors.New("a list is given twice, allowed is once")
	}
	count, _ := survey(data)
	if count > most {
		return fmt.Errorf("a list has more than the %d entries that are allowed", most)
	}
	*l = make([]T, 0, count)
	return json.Unmarshal(data, (*[]T)(l))
}

// survey counts the entries of the outermost list or object of a JSON text, at least as
// many as there are, and all objects in it.
func survey(data []byte) (entries, objects int) {
	depth, entries := 0, 1
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{':
			objects++
			depth++
		case '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 1 {
				entries++
			}
		}
	}
	return entries, objects
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
