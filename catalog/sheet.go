package catalog

import "github.com/florin-studio/florin/token"

// sheet is a catalog's file. Its tags are the one description of the format: the
// reader, the schema, the print and the tests follow them.
type sheet struct {
	Zone         string   `yaml:"zone" json:"zone" default:"UTC" doc:"IANA time zone of accounts that name none, and of off-peak windows (T5)."`
	DailyReset   Clock    `yaml:"daily_reset" json:"daily_reset" default:"00:00" doc:"Local time of the daily reset (T5)."`
	Order        []string `yaml:"order" json:"order" enum:"daily plan bonus gift refund rollover adjustment topup" default:"daily plan bonus gift refund rollover adjustment topup" doc:"Kinds of grants in the order in which those of equal expiry are spent (T8)."`
	DefaultPlan  string   `yaml:"default_plan" json:"default_plan" is:"id" doc:"Plan of new people and of those who cancel (T24); the first plan if missing."`
	OnUpgrade    string   `yaml:"on_upgrade" json:"on_upgrade" enum:"difference full" default:"difference" doc:"What an upgrade grants: the new allowance less the old one, or all of the new one (T23)."`
	Owed         string   `yaml:"owed" json:"owed" enum:"ignore repay_from_next_topup suspend" default:"repay_from_next_topup" doc:"What tokens do that were spent of a purchase whose money was taken back (T29)."`
	KeyRetention Span     `yaml:"key_retention" json:"key_retention" default:"30d" doc:"How long idempotency keys are remembered, at least 30d (T17)."`
	Quotes       Quotes   `yaml:"quotes" json:"quotes" default:"" doc:"Terms of quotes (P6)."`
	Relaxed      Lane     `yaml:"relaxed" json:"relaxed" default:"" doc:"Terms of the relaxed lane (T20)."`

	Plans      []Plan      `yaml:"plans" json:"plans" need:"yes" doc:"Plans in rising order (T23, T24)."`
	Pipelines  []Pipeline  `yaml:"pipelines" json:"pipelines" need:"yes" doc:"Ways to make pictures (P1)."`
	Addons     []Addon     `yaml:"addons" json:"addons" doc:"What can be added to a pipeline (P1)."`
	Operations []Operation `yaml:"operations" json:"operations" doc:"What is done to one picture or model (P1, P7)."`
	Sizes      Sizes       `yaml:"sizes" json:"sizes" default:"" doc:"Sizes of pictures and what they do to a pipeline's price (P3)."`
	Steps      []StepTier  `yaml:"steps" json:"steps" doc:"Steps and what they do to a pipeline's price, in rising order; the last tier bounds them (P3)."`
	Models     []Model     `yaml:"models" json:"models" doc:"Models that a request may name (P3)."`
	Elements   []Element   `yaml:"elements" json:"elements" doc:"Elements that a picture may use."`
	Guides     []Guide     `yaml:"guides" json:"guides" doc:"What of a reference picture is followed, with the names that programs written for another service use."`
	Blocked    []string    `yaml:"blocked_words" json:"blocked_words" is:"name" doc:"Words that no prompt may contain, whatever their case; such a prompt never becomes a job (T19)."`

	OffPeak    []OffPeak   `yaml:"off_peak" json:"off_peak" doc:"Windows of lower prices (P5)."`
	Promotions []Promotion `yaml:"promotions" json:"promotions" doc:"Lower prices for a time (P5)."`
	Packs      []Pack      `yaml:"packs" json:"packs" doc:"Top-ups on offer (T12)."`
	Codes      []Code      `yaml:"codes" json:"codes" doc:"Promo codes (T26)."`
	Gifts      Gifts       `yaml:"gifts" json:"gifts" default:"" doc:"Giving tokens to others (T27)."`

	Examples []Example `yaml:"examples" json:"examples" doc:"Prices that the catalog must come to; checked at each load."`
}

// Quotes are the terms of quotes (P6).
type Quotes struct {
	ExpiresIn Span `yaml:"expires_in" json:"expires_in" default:"10m" doc:"How long a quote binds."`
}

// Lane are the terms of the relaxed lane.
type Lane struct {
	Share int `yaml:"share" json:"share" min:"0" max:"100" default:"10" doc:"Percent of the engines that relaxed jobs get at least."`
}

// Plan is what a subscription gives.
type Plan struct {
	ID          string    `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, as commands name it."`
	Name        string    `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Description string    `yaml:"description" json:"description" is:"name" doc:"One sentence for the page."`
	Price       *Fee      `yaml:"price" json:"price" doc:"What it costs in money; missing for a plan that costs nothing."`
	Allowance   Allowance `yaml:"allowance" json:"allowance" need:"yes" doc:"Tokens that come by themselves (T9, T10)."`
	DailyFloor  int64     `yaml:"daily_floor" json:"daily_floor" doc:"The balance is raised to this at each daily reset; 0 for no floor (T11)."`
	Rollover    *Bank     `yaml:"rollover" json:"rollover" doc:"Unspent plan tokens move to a bank instead of expiring (T10)."`
	Topups      bool      `yaml:"topups" json:"topups" print:"always" doc:"Whether top-ups can be spent; by default on plans that cost money (T12)."`
	Relaxed     bool      `yaml:"relaxed" json:"relaxed" doc:"Whether jobs beyond the balance run slowly for nothing (T20)."`
	Slowdown    int       `yaml:"relaxed_slowdown" json:"relaxed_slowdown" min:"1" max:"100" default:"1" doc:"Relaxed jobs start this many times less often; 1 for no slowing."`
	Limits      Limits    `yaml:"limits" json:"limits" need:"yes" doc:"Jobs at a time."`
	Private     bool      `yaml:"private" json:"private" doc:"Whether pictures may be private (P8)."`
	Premium     bool      `yaml:"premium" json:"premium" doc:"Whether premium features may be used (P8)."`
	Weight      int       `yaml:"weight" json:"weight" min:"1" max:"1000" default:"1" doc:"Share of the engines between people who wait at the same time."`
}

// Complete lets plans that cost money have top-ups (T12).
func (p *Plan) Complete(seen func(string) bool) {
	if !seen("topups") {
		p.Topups = p.Price != nil
	}
}

// Fee is what a plan costs.
type Fee struct {
	Currency string `yaml:"currency" json:"currency" need:"yes" enum:"USD EUR GBP CHF SEK NOK DKK PLN CZK CAD AUD NZD SGD BRL INR JPY" doc:"ISO 4217."`
	Month    Money  `yaml:"month" json:"month" need:"yes" doc:"For one month."`
	Year     Money  `yaml:"year" json:"year" doc:"For a year in one payment; missing where there is none. Tokens still come monthly (T10)."`
}

// Allowance is tokens that come by themselves.
type Allowance struct {
	Tokens int64  `yaml:"tokens" json:"tokens" need:"yes" doc:"Tokens each time."`
	Every  string `yaml:"every" json:"every" need:"yes" enum:"day month" doc:"At each daily reset (T9), or at each start of the account's own cycle (T10)."`
}

// Bank bounds what rolls over (T10).
type Bank struct {
	Cap int64 `yaml:"cap" json:"cap" need:"yes" min:"1" doc:"The most that the bank holds."`
}

// Limits bound a person's jobs at a time.
type Limits struct {
	Pending  int `yaml:"pending" json:"pending" need:"yes" min:"1" max:"10000" doc:"Jobs that may wait or run."`
	Parallel int `yaml:"parallel" json:"parallel" need:"yes" min:"1" max:"1000" doc:"Jobs that may run."`
}

// Pipeline is a way to make pictures.
type Pipeline struct {
	ID          string        `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, as requests name it."`
	Name        string        `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Description string        `yaml:"description" json:"description" is:"name" doc:"One sentence for the page."`
	Tokens      map[int]int64 `yaml:"tokens" json:"tokens" need:"yes" keymin:"1" keymax:"64" min:"1" max:"1000000" doc:"Price by number of pictures; a straight line between the numbers given, and beyond them on with the last slope (P2)."`
	Premium     bool          `yaml:"premium" json:"premium" doc:"Whether it needs a premium plan (P8)."`
	Relaxed     bool          `yaml:"relaxed" json:"relaxed" default:"true" doc:"Whether the relaxed lane takes it (T22)."`
	MaxImages   int           `yaml:"max_images" json:"max_images" min:"1" max:"64" default:"8" doc:"Most pictures at once; sizes may lower it."`
	Addons      []string      `yaml:"addons" json:"addons" is:"id" doc:"Add-ons that it takes."`
}

// Addon is something that can be added to a pipeline.
type Addon struct {
	ID          string      `yaml:"id" json:"id" need:"yes" enum:"elements image_guidance prompt_magic_v2 prompt_magic_v3" doc:"One of the add-ons that requests know."`
	Name        string      `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Description string      `yaml:"description" json:"description" is:"name" doc:"One sentence for the page."`
	Tokens      AddonTokens `yaml:"tokens" json:"tokens" default:"" doc:"What it adds to the price."`
	PremiumFrom int         `yaml:"premium_from" json:"premium_from" min:"0" max:"64" doc:"From this many on it needs a premium plan (P8); 0 for never, 1 for always."`
	Max         int         `yaml:"max" json:"max" min:"1" max:"64" default:"4" doc:"The most of them in one request, for those that are counted."`
}

// AddonTokens is what an add-on adds; its parts add up.
type AddonTokens struct {
	Flat                    int64 `yaml:"flat" json:"flat" max:"1000000" doc:"Once for the request."`
	PerImage                int64 `yaml:"per_image" json:"per_image" max:"1000000" doc:"For each picture."`
	PerElement              int64 `yaml:"per_element" json:"per_element" max:"1000000" doc:"For each Element."`
	PerReference            int64 `yaml:"per_reference" json:"per_reference" max:"1000000" doc:"For each reference."`
	PerReferenceBeyondFirst int64 `yaml:"per_reference_beyond_first" json:"per_reference_beyond_first" max:"1000000" doc:"For each reference but the first."`
}

// Operation is something done to one picture or model at a time (P7).
type Operation struct {
	ID          string `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, as requests name it."`
	Name        string `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Description string `yaml:"description" json:"description" is:"name" doc:"One sentence for the page."`
	Tokens      int64  `yaml:"tokens" json:"tokens" need:"yes" min:"1" max:"1000000" doc:"Its price."`
	Premium     bool   `yaml:"premium" json:"premium" doc:"Whether it needs a premium plan (P8)."`
	Relaxed     bool   `yaml:"relaxed" json:"relaxed" default:"true" doc:"Whether the relaxed lane takes it (T22)."`
}

// Sizes say which sizes there are.
type Sizes struct {
	Min      int        `yaml:"min" json:"min" min:"1" max:"16384" default:"32" doc:"Shortest side in pixels."`
	Max      int        `yaml:"max" json:"max" min:"1" max:"16384" default:"1536" doc:"Longest side in pixels."`
	Multiple int        `yaml:"multiple" json:"multiple" min:"1" max:"1024" default:"8" doc:"Sides are multiples of this."`
	Tiers    []SizeTier `yaml:"tiers" json:"tiers" doc:"Tiers in rising order; the last bounds the pixels."`
	Presets  []Preset   `yaml:"presets" json:"presets" doc:"Sizes that the page offers."`
}

// SizeTier is what pictures up to a number of pixels cost.
type SizeTier struct {
	Pixels     int64  `yaml:"pixels" json:"pixels" need:"yes" min:"1" max:"268435456" doc:"Width times height, at most."`
	Multiplier Factor `yaml:"multiplier" json:"multiplier" default:"1" doc:"Multiplies the pipeline's price."`
	MaxImages  int    `yaml:"max_images" json:"max_images" min:"1" max:"64" default:"8" doc:"Most pictures at once."`
}

// Preset is a size that the page offers.
type Preset struct {
	Name   string `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Width  int    `yaml:"width" json:"width" need:"yes" min:"1" max:"16384" doc:"In pixels."`
	Height int    `yaml:"height" json:"height" need:"yes" min:"1" max:"16384" doc:"In pixels."`
}

// StepTier is what pictures up to a number of steps cost.
type StepTier struct {
	Steps      int    `yaml:"steps" json:"steps" need:"yes" min:"1" max:"1000" doc:"Steps, at most."`
	Multiplier Factor `yaml:"multiplier" json:"multiplier" default:"1" doc:"Multiplies the pipeline's price."`
}

// Model is a model that a request may name.
type Model struct {
	ID          string   `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, as requests name it."`
	Name        string   `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Description string   `yaml:"description" json:"description" is:"name" doc:"One sentence for the page."`
	Multiplier  Factor   `yaml:"multiplier" json:"multiplier" default:"1" doc:"Multiplies the pipeline's price."`
	Pipelines   []string `yaml:"pipelines" json:"pipelines" is:"id" doc:"Pipelines that can use it; all of them if missing."`
	Aliases     []string `yaml:"aliases" json:"aliases" is:"id" doc:"Other ids under which requests may name it, such as those of another service."`
}

// Element is a small addition to a model.
type Element struct {
	ID          string   `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, as requests name it."`
	Name        string   `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Description string   `yaml:"description" json:"description" is:"name" doc:"One sentence for the page."`
	Models      []string `yaml:"models" json:"models" is:"id" doc:"Models that can use it; all of them if missing."`
	Aliases     []string `yaml:"aliases" json:"aliases" is:"id" doc:"Other ids under which requests may name it."`
	WeightMin   int      `yaml:"weight_min" json:"weight_min" min:"-2" max:"1" print:"always" doc:"The least weight that it can have; below 0 it leads away from its style."`
	WeightMax   int      `yaml:"weight_max" json:"weight_max" min:"1" max:"2" default:"2" doc:"The greatest weight that it can have."`
	Weight      int      `yaml:"weight_default" json:"weight_default" min:"-2" max:"2" default:"1" doc:"Its usual weight."`
}

// Guide is a kind of reference picture.
type Guide struct {
	ID      string   `yaml:"id" json:"id" need:"yes" enum:"palette structure edges image" doc:"What is followed: colours, masses, lines, or the picture itself."`
	Name    string   `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Aliases []string `yaml:"aliases" json:"aliases" is:"id" doc:"Other ids under which requests may name it, such as the preprocessors of another service."`
}

// OffPeak is a window of lower prices.
type OffPeak struct {
	ID      string   `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, named in the price's line."`
	Name    string   `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Days    []string `yaml:"days" json:"days" enum:"mon tue wed thu fri sat sun" default:"mon tue wed thu fri sat sun" doc:"Days on which the window begins."`
	From    Clock    `yaml:"from" json:"from" need:"yes" doc:"Local time at which it begins."`
	Until   Clock    `yaml:"until" json:"until" need:"yes" doc:"Local time at which it ends, on the next day if not after from."`
	Zone    string   `yaml:"zone" json:"zone" doc:"IANA time zone; the catalog's if missing."`
	Percent int64    `yaml:"percent" json:"percent" need:"yes" min:"1" max:"99" doc:"Percent off the price."`
}

// Promotion lowers prices for a time.
type Promotion struct {
	ID       string   `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, named in the price's line."`
	Name     string   `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	From     Moment   `yaml:"from" json:"from" need:"yes" doc:"When it begins."`
	Until    Moment   `yaml:"until" json:"until" need:"yes" doc:"When it is over."`
	Percent  int64    `yaml:"percent" json:"percent" need:"yes" min:"1" max:"99" doc:"Percent off the price."`
	Features []string `yaml:"features" json:"features" is:"id" doc:"Pipelines and operations it is for; all if missing."`
}

// Pack is a top-up on offer (T12).
type Pack struct {
	ID      string `yaml:"id" json:"id" need:"yes" is:"id" doc:"Id, as purchases name it."`
	Name    string `yaml:"name" json:"name" need:"yes" is:"name" doc:"Name, as people see it."`
	Tokens  int64  `yaml:"tokens" json:"tokens" need:"yes" min:"1" doc:"Tokens that it gives."`
	Price   *Sum   `yaml:"price" json:"price" doc:"What it costs in money."`
	Enabled bool   `yaml:"enabled" json:"enabled" doc:"Whether it is on offer."`
}

// Code is a promo code (T26).
type Code struct {
	Code      string   `yaml:"code" json:"code" need:"yes" is:"code" doc:"What people type in."`
	Tokens    int64    `yaml:"tokens" json:"tokens" doc:"Tokens of the bonus; 0 for a pure discount."`
	ExpiresIn Span     `yaml:"expires_in" json:"expires_in" doc:"How long the bonus lives; for ever if missing."`
	Discount  int      `yaml:"discount" json:"discount" min:"0" max:"100" doc:"Percent off the next top-up."`
	From      Moment   `yaml:"from" json:"from" doc:"When it begins; at once if missing."`
	Until     Moment   `yaml:"until" json:"until" doc:"When it is over; never if missing."`
	Limit     int64    `yaml:"limit" json:"limit" doc:"How many accounts may redeem it; 0 for any number."`
	Plans     []string `yaml:"plans" json:"plans" is:"id" doc:"Plans that may redeem it; all if missing."`
	NewWithin Span     `yaml:"new_within" json:"new_within" doc:"Only accounts opened at most so long ago."`
}

// Gifts are the terms of giving tokens to others (T27).
type Gifts struct {
	Enabled    bool     `yaml:"enabled" json:"enabled" doc:"Whether tokens can be given at all."`
	Kinds      []string `yaml:"kinds" json:"kinds" enum:"daily plan bonus gift refund rollover adjustment topup" default:"topup" doc:"Kinds of grants that may be given."`
	DailyLimit int64    `yaml:"daily_limit" json:"daily_limit" doc:"The most that one account gives between two daily resets; 0 for no limit."`
}

// Example is a price that the catalog must come to.
type Example struct {
	Request Request      `yaml:"request" json:"request" need:"yes" doc:"What is asked for."`
	At      Moment       `yaml:"at" json:"at" doc:"When; outside of off-peak windows and promotions if missing."`
	Tokens  int64        `yaml:"tokens" json:"tokens" doc:"Its price."`
	Refused token.Reason `yaml:"refused" json:"refused" enum:"not_applicable" doc:"Instead of a price: why there is none."`
}

// Request is what is asked for: one pipeline with its settings, or one operation (P1).
// Zero values stand for 1 image, 768×768 pixels, 30 steps and no add-ons.
type Request struct {
	Pipeline    string `json:"pipeline,omitempty" is:"id" doc:"A pipeline's id."`
	Operation   string `json:"operation,omitempty" is:"id" doc:"An operation's id."`
	Images      int    `json:"images,omitempty" max:"1000000" doc:"Pictures at once."`
	Width       int    `json:"width,omitempty" max:"1000000" doc:"In pixels."`
	Height      int    `json:"height,omitempty" max:"1000000" doc:"In pixels."`
	Steps       int    `json:"steps,omitempty" max:"1000000" doc:"Steps of the sampler."`
	References  int    `json:"references,omitempty" max:"1000000" doc:"Pictures that guide."`
	Elements    int    `json:"elements,omitempty" max:"1000000" doc:"Elements used."`
	PromptMagic string `json:"prompt_magic,omitempty" enum:"v2 v3" doc:"Prompt Magic's version."`
	Model       string `json:"model,omitempty" is:"id" doc:"A model's id."`
	Private     bool   `json:"private,omitempty" doc:"Whether the pictures are to be private (P8)."`
}

// Sum is an amount of money in a currency.
type Sum struct {
	Currency string `yaml:"currency" json:"currency" need:"yes" enum:"USD EUR GBP CHF SEK NOK DKK PLN CZK CAD AUD NZD SGD BRL INR JPY" doc:"ISO 4217."`
	Amount   Money  `yaml:"amount" json:"amount" need:"yes" doc:"How much."`
}
