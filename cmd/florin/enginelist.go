package main

import (
	"fmt"
	"text/tabwriter"
	"time"
)

type enginesCmd struct{}

// Run lists the engines of every server that runs on this database, as of at most half a
// minute ago; with --json one object a line.
func (enginesCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		states, err := b.reader().AllEngines(s.ctx)
		if err != nil {
			return err
		}
		if s.JSON {
			for _, e := range states {
				if err := s.print(e); err != nil {
					return err
				}
			}
			return nil
		}
		if len(states) == 0 {
			_, err := fmt.Fprintln(s.out, "no server runs on this database")
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ENGINE\tSTATE\tSINCE\tRUNNING\tMADE\tFAILED\tPICTURE TAKES\tSERVER\tREASON")
		for _, e := range states {
			pace := "?"
			if e.Pace > 0 {
				pace = (time.Duration(e.Pace) * time.Millisecond).String()
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%d\t%d\t%s\t%.8s\t%s\n", e.ID, e.State, e.Since, e.Running, e.Slots, e.Made, e.Failed, pace, e.Worker, e.Reason)
		}
		return w.Flush()
	})
}
