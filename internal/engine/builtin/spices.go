package builtin

// spice is something that can be added to a prompt, of one kind: a prompt takes at most
// one phrase of each kind, and none of a kind it has words of already. All words of a
// phrase belong to the lexicon (or carry no picture), and the family uses them.
type spice struct {
	kind    string
	phrases []string
}

var (
	outdoorHours = spice{"hour/", []string{"at golden hour", "at sunset", "at sunrise", "in the late afternoon", "at twilight", "in bright daylight"}}
	outdoorMood  = spice{"mood/", []string{"calm and serene", "epic and majestic", "vivid", "dreamy", "in warm tones", "moody"}}
	quietMood    = spice{"mood/", []string{"calm and serene", "vivid", "dreamy", "in warm tones", "moody"}}
	outdoorLens  = spice{"camera/", []string{"wide angle", "panorama", "low angle", "aerial"}}
	simpleLens   = spice{"camera/", []string{"wide angle", "close-up", "panorama"}}
	hues         = spice{"colour/", []string{"in teal and orange", "in indigo and pink", "in emerald and gold", "in crimson and cream", "in navy and amber", "in turquoise and violet", "in blue and white"}}
	graphicMood  = spice{"mood/", []string{"vivid", "pastel", "dark", "in warm tones", "cool"}}
)

// spices are what suits a family, the most telling first.
var spices = map[string][]spice{
	"landscape": {
		outdoorHours,
		{"weather/", []string{"in mist", "under cumulus clouds", "cloudless", "after rain", "in hazy air"}},
		{"has/lake", []string{"with a mirror lake", "with a lake"}},
		{"has/forest", []string{"with conifers", "with pines"}},
		outdoorMood,
		{"season/", []string{"in spring", "in autumn", "in winter", "in summer"}},
		outdoorLens,
	},
	"coast": {
		outdoorHours,
		{"weather/", []string{"under cumulus clouds", "cloudless", "in hazy air", "stormy"}},
		{"has/wave", []string{"with surf", "with waves"}},
		quietMood,
		{"has/island", []string{"with islands"}},
		outdoorLens,
	},
	"desert": {
		outdoorHours,
		{"weather/", []string{"cloudless", "in hazy air", "under clouds"}},
		quietMood,
		{"colour/", []string{"in amber tones", "in red tones", "in golden tones"}},
		outdoorLens,
	},
	"space": {
		hues,
		{"has/nebula", []string{"with a nebula", "before a nebula"}},
		{"has/ring", []string{"with rings"}},
		{"has/moon", []string{"with a moon"}},
		{"has/sun", []string{"near its sun"}},
		simpleLens,
	},
	"city": {
		{"hour/", []string{"at night", "at dusk", "at sunset", "at blue hour", "at golden hour"}},
		{"has/river", []string{"by the river", "at the waterfront", "with reflections"}},
		{"weather/", []string{"in rain", "in mist", "under clouds"}},
		{"mood/", []string{"towering", "vivid", "moody", "in warm tones"}},
		{"colour/", []string{"in teal tones", "in purple tones", "in orange tones"}},
		simpleLens,
	},
	"forest": {
		{"hour/", []string{"at dawn", "at golden hour", "in the late afternoon", "at sunrise"}},
		{"weather/", []string{"in mist", "in fog", "in hazy air"}},
		{"season/", []string{"in autumn", "in spring", "in winter", "in summer"}},
		{"mood/", []string{"dreamy", "vivid", "moody", "in warm tones"}},
		simpleLens,
	},
	"flowers": {
		{"hour/", []string{"at golden hour", "at dawn", "in bright daylight", "at sunset"}},
		{"weather/", []string{"under cumulus clouds", "cloudless", "in hazy air"}},
		{"mood/", []string{"vivid", "dreamy", "in warm tones"}},
		simpleLens,
	},
	"reef": {
		{"has/bubble", []string{"with bubbles"}},
		{"has/kelp", []string{"with kelp"}},
		{"hour/", []string{"at sunset", "at night"}},
		{"has/fish", []string{"with fish"}},
		{"colour/", []string{"in turquoise", "in emerald", "in violet"}},
		simpleLens,
	},
	"still": {
		{"has/wood", []string{"on a wooden table", "on rustic wood"}},
		{"mood/", []string{"dark", "pastel", "vivid", "in warm tones"}},
		{"colour/", []string{"before a teal wall", "before a blue wall", "before a green wall", "before a grey wall"}},
		{"has/plum", []string{"with plums"}},
		simpleLens,
	},
	"abstract": {hues, graphicMood, simpleLens},
	"poster":   {hues, {"has/circle", []string{"with circles"}}, graphicMood},
	"pattern":  {hues, graphicMood},
}

// motifs are what random prompts begin with, by family.
var motifs = map[string][]string{
	"landscape": {"mountains with a lake", "alpine peaks", "hills and pastures", "a volcano", "a canyon", "a fjord between mountains", "highlands"},
	"coast":     {"a tropical beach with palms", "cliffs by the sea", "islands in the ocean", "a bay with sailing boats", "a lagoon with palms"},
	"desert":    {"desert dunes", "dunes of the sahara", "a martian desert", "a desert with canyons"},
	"space":     {"a ringed planet", "a nebula with stars", "a planet and its moon", "a galaxy in deep space"},
	"city":      {"a city skyline", "a neon city", "a metropolis of skyscrapers", "skyscrapers and a bridge"},
	"forest":    {"a forest path", "a birch wood", "a pine forest", "redwoods with sunbeams"},
	"flowers":   {"poppies and daisies", "a field of sunflowers", "tulips in a garden", "lavender fields", "a meadow of daisies"},
	"reef":      {"a coral reef with fish", "jellyfish in the deep sea", "kelp and fish underwater"},
	"still":     {"still life with a vase and apples", "lemons and pears on a table", "a bowl of oranges and plums", "a ceramic vase with fruit"},
	"abstract":  {"abstract silk ribbons", "liquid marble", "abstract smoke", "abstract cells"},
	"poster":    {"a bauhaus poster of circles", "a geometric poster with sun and mountains", "a minimalist poster of stripes", "a geometric poster of triangles"},
	"pattern":   {"a seamless pattern of leaves", "a seamless pattern of hexagons", "a seamless pattern of flowers", "a terrazzo pattern", "a woven pattern"},
}

// looks are styles that random prompts end with now and then.
var looks = []string{
	"oil painting", "watercolour", "ink wash", "pencil sketch", "linocut", "low poly", "stained glass", "vintage film", "flat illustration", "engraving",
}
