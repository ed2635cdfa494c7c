package material

import "strings"

// groups is the lexicon, from what a word means to the words that mean it. An underscore
// stands for a space. "is/…" names a material, "over/…" one that lies on another, "wear/…"
// a state, "size/…" a scale and "colour/…" a colour.
var groups = map[string]string{
	"is/stone": `stone rock rocky cliff limestone sandstone boulder rough_stone`, "is/marble": `marble marbled onyx travertine alabaster`,
	"is/granite": `granite speckled_stone`, "is/slate": `slate shale schist`, "is/concrete": `concrete cement`,
	"is/asphalt": `asphalt tarmac road blacktop`, "is/clay": `clay terracotta terra_cotta earthenware`,
	"is/plaster": `plaster stucco drywall adobe limewash`, "is/ceramic": `ceramic porcelain glaze glazed pottery enamel china`,
	"is/jade": `jade nephrite emerald_stone`, "is/crystal": `crystal gem gemstone amethyst quartz diamond geode crystalline`,
	"is/wood": `wood wooden oak walnut mahogany pine teak timber wood_grain woodgrain bamboo birch ebony_wood`,
	"is/bark": `bark tree_bark trunk`, "is/paper": `paper parchment cardboard papyrus`, "is/straw": `straw hay thatch reed`,
	"is/steel": `metal metallic steel aluminium aluminum titanium nickel tin stainless`, "is/gold": `gold golden gilded`,
	"is/silver": `silver platinum`, "is/copper": `copper`, "is/bronze": `bronze brass`, "is/chrome": `chrome mirror mercury`, "is/iron": `iron cast_iron wrought_iron gunmetal`,
	"is/brushed": `brushed brushed_metal brushed_steel brushed_aluminium brushed_aluminum`, "is/rust": `rust corroded oxidized oxidised`,
	"is/patina": `patina verdigris bronze_patina`, "is/lava": `lava magma molten volcanic`, "is/moss": `moss lichen`,
	"is/grass": `grass lawn turf meadow`, "is/sand": `sand beach dune desert`, "is/snow": `snow`, "is/ice": `ice glacier`,
	"is/water": `water ocean sea pool ripple`, "is/mud": `mud earth soil dirt_ground dry_earth cracked_earth cracked_ground`, "is/gravel": `gravel pebble pebbles rubble`,
	"is/fabric": `fabric cloth textile canvas linen cotton woven wool_cloth tweed silk felt`, "is/denim": `denim jeans`, "is/burlap": `burlap jute sack sackcloth hessian`,
	"is/carbon": `carbon carbon_fiber carbon_fibre`, "is/knit": `knit knitted knitting sweater wool woollen woolen crochet`, "is/leather": `leather hide suede`,
	"is/fur": `fur hair furry`, "is/brick": `brick brickwork masonry`, "is/planks": `plank planks floorboard board parquet decking hardwood`,
	"is/tiles": `tile tiles tiled bathroom`, "is/stonewall": `stone_wall stone_walls castle castle_wall dry_stone`, "is/cobble": `cobble cobblestone cobblestones cobbled paving flagstone`,
	"is/mosaic": `mosaic tessera stained_glass`, "is/terrazzo": `terrazzo confetti`, "is/scales": `scale scales dragon snake fish lizard reptile dragon_scales fish_scales snakeskin mermaid`,
	"is/panels": `panel panels panelling sci-fi scifi sci_fi spaceship spacecraft futuristic tech cyberpunk robot mecha machine`, "is/wicker": `wicker basket rattan basketweave`,
	"is/hammered": `hammered beaten hammered_metal dented`, "is/checker": `checker checkered chequered checkerboard chessboard`,
	"is/herringbone": `herringbone chevron`, "is/abstract": `abstract pattern swirl swirls psychedelic fluid paint painted_swirls nebula`,
	"is/camouflage": `camouflage camo army military`, "is/plastic": `plastic rubber vinyl lacquer glossy_paint`,
	"over/moss": `mossy overgrown`, "over/snow": `snowy snow-covered`, "over/rust": `rusty rusted`, "over/ice": `icy frozen frosty frosted`, "over/sand": `sandy dusty`, "over/mud": `muddy`, "over/patina": `patinated`,
	"wear/old": `old aged ancient weathered worn vintage antique faded ruined eroded medieval distressed abandoned`, "wear/cracked": `cracked crackle crackled broken fractured shattered crack cracks`,
	"wear/dirty": `dirty grimy stained grungy grunge filthy sooty`, "wear/polished": `polished shiny glossy smooth gleaming reflective satin`, "wear/wet": `wet damp rainy moist soaked puddle`,
	"wear/matte": `matte matt dull dry chalky`, "wear/rough": `rough coarse rugged bumpy deep craggy chunky`, "wear/flat": `flat even subtle fine_relief`,
	"wear/glow": `glowing luminous neon glow radioactive`, "wear/dark": `dark darker black_and_dark deep_dark`, "wear/light": `light bright pale`, "wear/vivid": `vivid vibrant saturated colourful colorful`,
	"size/0.5": `large big huge giant wide oversized`, "size/2": `small tiny fine little dense miniature delicate`,
	"link/on":       `on over covering atop`,
	"colour/b32222": `red crimson scarlet ruby`, "colour/d97a2b": `orange amber tangerine`, "colour/dcb53a": `yellow lemon mustard`,
	"colour/3f7f3a": `green olive emerald`, "colour/2a8f8c": `teal turquoise cyan aqua`, "colour/2f5fa8": `blue azure cobalt sapphire`, "colour/1c2a55": `navy indigo`,
	"colour/6f3f9a": `purple violet lilac lavender`, "colour/d9799a": `pink rose magenta`, "colour/6a452b": `brown chocolate`, "colour/cbb391": `beige tan cream ivory`,
	"colour/e6e3de": `white`, "colour/1e1e21": `black charcoal obsidian`, "colour/85868a": `grey gray`,
}

// lexicon goes from a word to what it means.
var lexicon = func() map[string][]string {
	m := map[string][]string{}
	for tag, words := range groups {
		for _, w := range strings.Fields(words) {
			w = strings.ReplaceAll(w, "_", " ")
			m[w] = append(m[w], tag)
		}
	}
	return m
}()

// stopWords carry no surface of their own; they are neither used nor ignored.
var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an the of with and or in at to by from for into is are it its this that very really please
		texture textures material surface seamless tileable tiling pbr realistic photorealistic high quality detailed highly resolution 4k 8k hd
		best beautiful amazing nice wall floor made covered make create style look looking some like`) {
		m[w] = true
	}
	return m
}()
