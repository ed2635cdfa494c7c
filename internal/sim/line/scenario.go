// Package line simulates the queue: people of several plans who submit jobs one by one
// and in batches, engines that load models, fail and come back, and between them the
// very package that serves the studio ([queue.Queue]).
//
// It promises: time is virtual and the seed alone decides, so a scenario and a seed give
// the same report everywhere. It does not promise that engines are as fast as it is told,
// and it knows neither tokens nor storage.
package line

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml"
)

// Scenario is a world to try the queue in.
type Scenario struct {
	// Hours is how long people submit jobs.
	Hours float64 `yaml:"hours" json:"hours"`
	// RelaxedShare is the relaxed lane's guaranteed share in percent.
	RelaxedShare int64    `yaml:"relaxed_share" json:"relaxed_share"`
	Plans        []Plan   `yaml:"plans" json:"plans"`
	Classes      []Class  `yaml:"classes" json:"classes"`
	Engines      []Engine `yaml:"engines" json:"engines"`
	// JobFailures is how many of a hundred runs fail and are tried again, up to Attempts times.
	JobFailures float64 `yaml:"job_failures" json:"job_failures"`
	Attempts    int     `yaml:"attempts" json:"attempts"`
}

// Plan is a kind of people.
type Plan struct {
	Name     string `yaml:"name" json:"name"`
	Users    int    `yaml:"users" json:"users"`
	Weight   int64  `yaml:"weight" json:"weight"`
	Parallel int    `yaml:"parallel" json:"parallel"`
	// Pending is how many jobs may wait or run; further ones are refused. 0 is no limit.
	Pending int `yaml:"pending" json:"pending"`
	// JobsPerHour is how often one person submits.
	JobsPerHour float64 `yaml:"jobs_per_hour" json:"jobs_per_hour"`
	// Again lets each person submit a job when the one before has ended, after so many
	// seconds on average; 0 does not. So many people make a load that keeps steady.
	Again float64 `yaml:"again_seconds" json:"again_seconds"`
	// Relaxed is how many of a hundred jobs are relaxed, Slowdown their further slowing.
	Relaxed  float64 `yaml:"relaxed" json:"relaxed"`
	Slowdown int64   `yaml:"slowdown" json:"slowdown"`
	// Batches is how many of a hundred submissions are batches of BatchSize jobs.
	Batches   float64 `yaml:"batches" json:"batches"`
	BatchSize int     `yaml:"batch_size" json:"batch_size"`
}

// Class is a kind of job.
type Class struct {
	Name   string `yaml:"name" json:"name"`
	Tokens int64  `yaml:"tokens" json:"tokens"`
	// Seconds is how long it runs on an engine of speed 1.
	Seconds float64 `yaml:"seconds" json:"seconds"`
	// Part is how often it is asked for, against the others.
	Part float64 `yaml:"part" json:"part"`
}

// Engine is a kind of engines.
type Engine struct {
	Name  string  `yaml:"name" json:"name"`
	Count int     `yaml:"count" json:"count"`
	Slots int     `yaml:"slots" json:"slots"`
	Speed float64 `yaml:"speed" json:"speed"`
	// Classes is what it can do; nothing is everything.
	Classes []string `yaml:"classes" json:"classes"`
	// SwitchSeconds is how long it takes to load another class.
	SwitchSeconds float64 `yaml:"switch_seconds" json:"switch_seconds"`
	// DownEvery is the mean time in hours between failures of one engine, 0 for none;
	// DownMinutes how long it stays away. Its jobs go back to where they were in line.
	DownEvery   float64 `yaml:"down_every_hours" json:"down_every_hours"`
	DownMinutes float64 `yaml:"down_minutes" json:"down_minutes"`
}

// Read reads a scenario; unknown fields are mistakes.
func Read(text []byte) (Scenario, error) {
	var s Scenario
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&s); err != nil {
		return s, err
	}
	return s, s.Check()
}

// Check names the first field that is out of its range.
func (s *Scenario) Check() error {
	checks := []error{
		within("hours", s.Hours, 0.001, 10_000), within("relaxed_share", float64(s.RelaxedShare), 1, 99), within("job_failures", s.JobFailures, 0, 99),
		within("attempts", float64(s.Attempts), 1, 100), within("number of plans", float64(len(s.Plans)), 1, 100),
		within("number of classes", float64(len(s.Classes)), 1, 1000), within("number of engines", float64(len(s.Engines)), 1, 1000),
	}
	names := map[string]bool{}
	for i, c := range s.Classes {
		at := fmt.Sprintf("classes[%d].", i)
		names[c.Name] = true
		checks = append(checks, within(at+"tokens", float64(c.Tokens), 1, 1e6), within(at+"seconds", c.Seconds, 0.001, 1e5), within(at+"part", c.Part, 0.001, 1e6))
	}
	for i, p := range s.Plans {
		at := fmt.Sprintf("plans[%d].", i)
		checks = append(checks, within(at+"users", float64(p.Users), 1, 1e8), within(at+"weight", float64(p.Weight), 1, 65536), within(at+"parallel", float64(p.Parallel), 1, 1e6),
			within(at+"pending", float64(p.Pending), 0, 1e6), within(at+"jobs_per_hour", p.JobsPerHour, 0, 1e5), within(at+"again_seconds", p.Again, 0, 1e6), within(at+"relaxed", p.Relaxed, 0, 100),
			within(at+"slowdown", float64(p.Slowdown), 0, 100), within(at+"batches", p.Batches, 0, 100), within(at+"batch_size", float64(p.BatchSize), 0, 1e6))
	}
	for i, e := range s.Engines {
		at := fmt.Sprintf("engines[%d].", i)
		checks = append(checks, within(at+"count", float64(e.Count), 1, 1e6), within(at+"slots", float64(e.Slots), 1, 1000), within(at+"speed", e.Speed, 0.001, 1000),
			within(at+"switch_seconds", e.SwitchSeconds, 0, 1e5), within(at+"down_every_hours", e.DownEvery, 0, 1e6), within(at+"down_minutes", e.DownMinutes, 0, 1e6))
		for n, c := range e.Classes {
			if !names[c] {
				checks = append(checks, fmt.Errorf("%sclasses[%d]: %q is not among the classes", at, n, c))
			}
		}
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func within(field string, value, low, high float64) error {
	if value >= low && value <= high {
		return nil
	}
	return fmt.Errorf("%s is %v, but must be from %v to %v", field, value, low, high)
}
