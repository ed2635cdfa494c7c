package engine

import (
	"encoding/json"
	"image"
)

// Operation names what a task asks for. The values are those of the catalog.
type Operation string

// The operations. Generate paints from a prompt, and with the pipeline "canvas" into a
// given picture; the others work on one picture or one mesh.
const (
	Generate         Operation = "generate"
	Unzoom           Operation = "unzoom"
	Upscale          Operation = "upscale"
	AlchemyUpscale   Operation = "alchemy_upscale"
	RemoveBackground Operation = "remove_background"
	TexturePreview   Operation = "texture_preview"
	Texture          Operation = "texture"
)

// ReferenceKind is what of a reference picture is followed.
type ReferenceKind string

// The kinds of references.
const (
	PaletteReference   ReferenceKind = "palette"   // its colours
	StructureReference ReferenceKind = "structure" // its masses: layout and horizon
	EdgesReference     ReferenceKind = "edges"     // its lines
	ImageReference     ReferenceKind = "image"     // the picture itself: image to image
)

// Task is one picture's worth of work, complete in itself.
type Task struct {
	Operation      Operation
	Pipeline       string
	Model          string
	Prompt         string
	NegativePrompt string
	// PromptMagic is "", "v2" or "v3".
	PromptMagic string
	// Width and Height are the picture's size in pixels, for Generate.
	Width, Height int
	Steps         int
	// Seed determines the picture: the same task gives the same pixels on the same machine kind.
	Seed int64
	// Tiling asks for a picture that continues itself on all sides.
	Tiling bool
	// Elements are used in order.
	Elements []Element
	// References guide Generate.
	References []Reference
	// Source is the picture that is worked on, by every operation on a picture and by the canvas.
	Source *Source
	// Mask belongs to the canvas: white is repainted, black stays as it is to the last
	// bit. It has the size of the source; nil repaints nothing but what Extend adds.
	Mask image.Image
	// Extend is how many pixels the canvas grows on each side.
	Extend Sides
	// Strength is how far the canvas may leave the source inside the mask, 0 to 1.
	Strength float64
	// Scale is 2 or 4, for the upscalers.
	Scale int
	// Style chooses between kinds of pictures where an operation knows several, such as
	// "general" and "animation" for the upscalers.
	Style string
	// Zoom is how much wider Unzoom looks: 1.5 shows one and a half times the width.
	Zoom float64
	// Mesh is what the texture operations cover.
	Mesh *Mesh
}

// Element is a style with its weight; 1 is its usual strength.
type Element struct {
	ID     string
	Weight float64
}

// Reference is a picture that guides another.
type Reference struct {
	Image image.Image
	Kind  ReferenceKind
	// Strength is 0 to 1.
	Strength float64
}

// Source is a picture to work on.
type Source struct {
	Image image.Image
	// Recipe is what an engine's Result gave with the picture, and Engine is that engine's
	// id; both are empty for uploads.
	Recipe json.RawMessage
	Engine string
}

// Sides are pixels on each side of a picture.
type Sides struct{ Left, Top, Right, Bottom int }

// Mesh is a model file.
type Mesh struct {
	// Format is "obj" or "glb".
	Format string
	Data   []byte
}

// Result is one finished picture.
type Result struct {
	Image image.Image
	// Seed is the seed that was really used.
	Seed int64
	// UsedWords are the words of the prompt that shaped the picture, in the prompt's order.
	UsedWords []string
	// IgnoredWords are the words the engine could not draw, in the prompt's order.
	IgnoredWords []string
	// Scene is what the engine chose to draw, in a few words, or empty.
	Scene string
	// Prompt is the prompt as Prompt Magic rewrote it, or empty.
	Prompt string
	// Note says in a sentence what the person should know of how this was made, such as
	// that a simpler method stood in for a model that is not installed; or it is empty.
	Note string
	// Recipe lets the same engine come back to this picture later, exactly. It is
	// opaque to everybody else, at most 64 KiB, and may be empty.
	Recipe json.RawMessage
	// Files come with the picture: maps of a texture, a mesh, turntable frames.
	Files []File
}

// File is something that was made beside the picture.
type File struct {
	// Kind says what it is: "albedo", "normal", "roughness", "displacement", "mesh", "turntable", "mask".
	Kind string
	// Type is the media type, such as "image/png" or "model/gltf-binary".
	Type string
	Data []byte
}

// Prompter is an engine that also helps with prompts. Its answers depend on nothing but the arguments.
type Prompter interface {
	// Improve gives a richer prompt that keeps what was asked for.
	Improve(prompt, instructions string, seed int64) (string, error)
	// Random gives a prompt that the engine draws well.
	Random(seed int64) string
}
