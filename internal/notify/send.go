package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// pauses are how long to wait after each try that failed. With the first try they make
// ten over three days.
var pauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 18 * time.Hour, 22 * time.Hour,
}

const (
	// lease is how long a process that took a delivery is waited for before another
	// takes it. It is longer than a try and the writing of what came of it.
	lease = time.Minute
	// stopping is what a try has left when the server stops.
	stopping = 2 * time.Second
	// slots bound the tries under way in a process: for one endpoint, for one that fails,
	// for one account, and for the installation's endpoints.
	slotsEndpoint, slotsFailing, slotsAccount, slotsInstallation = 4, 1, 8, 16
	// mostTargets is how many endpoints a look serves.
	mostTargets = 200
	// mostHistory is how many tries are remembered.
	mostHistory = 20
	// mostAnswer bounds what is read of an answer, in bytes. It is not kept.
	mostAnswer = 16 << 10
)

// sending is a delivery that this process has taken.
type sending struct {
	Delivery
	to Endpoint
	// known is false where the endpoint is gone.
	known bool
}

// sendDue takes what is due and sends it in the background.
func (s *Service) sendDue(ctx context.Context, work *sync.WaitGroup) error {
	all, err := s.take(ctx)
	for _, d := range all {
		work.Go(func() {
			if err := s.deliver(ctx, &d); err != nil {
				s.Log.Error("what came of a webhook could not be written; it is sent again", "delivery", d.ID, "err", err)
			}
			s.nudge() // its slots are free for the next
		})
	}
	return err
}

// SendAll sends what is due until nothing is, and tells how many tries that took. It is
// for whoever can't wait for Run.
func (s *Service) SendAll(ctx context.Context) (tries int, err error) {
	for {
		all, err := s.take(ctx)
		if err != nil || len(all) == 0 {
			return tries, err
		}
		var work sync.WaitGroup
		failed := make([]error, len(all))
		for i := range all {
			work.Go(func() { failed[i] = s.deliver(ctx, &all[i]) })
		}
		work.Wait()
		tries += len(all)
		if err := errors.Join(failed...); err != nil {
			return tries, err
		}
	}
}

// take claims due deliveries, those waiting longest first, as far as slots are free. A
// delivery is claimed by moving its due time on, on condition of the old one: so no two
// processes have it, and one that dies loses it when the lease is over.
func (s *Service) take(ctx context.Context) ([]sending, error) {
	now := s.now()
	var found []sending
	err := s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		s.free(found...) // of a run before
		found, err = s.due(ctx, tx, now)
		return err
	})
	if err != nil || len(found) == 0 {
		s.free(found...)
		return nil, err
	}
	slices.SortFunc(found, func(a, b sending) int { return strings.Compare(a.Account+" "+a.ID, b.Account+" "+b.ID) })
	var taken []sending
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		taken = nil
		for _, d := range found {
			until := now.Add(lease)
			n, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET due = $3, attempts = attempts + 1 WHERE account = $1 AND id = $2 AND state = 'pending' AND due = $4 AND attempts = $5`,
				d.Account, d.ID, int64(until), int64(d.Due), d.Attempts)
			if err != nil {
				return err
			}
			if n == 1 {
				d.Due, d.Attempts = until, d.Attempts+1
				taken = append(taken, d)
			}
		}
		return nil
	})
	if err != nil {
		taken = nil
	}
	for _, d := range found {
		if !slices.ContainsFunc(taken, func(t sending) bool { return t.ID == d.ID && t.Account == d.Account }) {
			s.free(d)
		}
	}
	return taken, err
}

// due reads what is due, endpoint by endpoint, and takes the slots for it.
func (s *Service) due(ctx context.Context, tx *store.Tx, now calendar.Instant) ([]sending, error) {
	type target struct{ account, webhook string }
	var targets []target
	rows, err := tx.Query(ctx, `SELECT account, webhook, MIN(due) AS first FROM webhook_deliveries WHERE state = 'pending' AND due <= $1
		GROUP BY account, webhook ORDER BY first LIMIT $2`, int64(now), mostTargets)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var t target
		var first int64
		if err := rows.Scan(&t.account, &t.webhook, &first); err != nil {
			rows.Close()
			return nil, err
		}
		targets = append(targets, t)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	var all []sending
	for _, t := range targets {
		e, err := endpointIn(ctx, tx, t.account, t.webhook)
		known := err == nil
		if err != nil && !errors.Is(err, ErrUnknown) {
			return all, err
		}
		e.Account, e.ID = t.account, t.webhook
		n := s.room(&e)
		if n == 0 {
			continue
		}
		list, err := queryDeliveries(ctx, tx, `account = $1 AND webhook = $2 AND state = 'pending' AND due <= $3 ORDER BY due, id LIMIT $4`, t.account, t.webhook, int64(now), n)
		if err != nil {
			return all, err
		}
		for _, d := range list {
			s.occupy(d.Account, d.Webhook, 1)
			all = append(all, sending{d, e, known})
		}
	}
	return all, nil
}

// room is how many tries may begin at an endpoint now.
func (s *Service) room(e *Endpoint) int {
	most, whole := slotsEndpoint, slotsAccount
	if e.Failing != 0 {
		most = slotsFailing
	}
	if e.Account == "" {
		whole = slotsInstallation
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, min(most-s.busy["w/"+e.Account+"/"+e.ID], whole-s.busy["a/"+e.Account]))
}

func (s *Service) occupy(account, webhook string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range []string{"w/" + account + "/" + webhook, "a/" + account} {
		if s.busy[name] += n; s.busy[name] <= 0 {
			delete(s.busy, name)
		}
	}
}

// free gives slots back.
func (s *Service) free(all ...sending) {
	for _, d := range all {
		s.occupy(d.Account, d.Webhook, -1)
	}
}

// deliver makes one try and writes what came of it. A try that is under way when the
// server stops has a little more time; if that does not suffice, another process makes
// it again when its lease is over.
func (s *Service) deliver(server context.Context, d *sending) error {
	defer s.free(*d)
	ctx := context.WithoutCancel(server)
	if !d.known || d.to.Disabled != 0 && d.Type != Test {
		return s.note(ctx, d, outcome{attempt: Attempt{At: s.now(), Error: "the webhook is gone or disabled"}, final: true})
	}
	trying, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(server, func() { time.AfterFunc(stopping, cancel) })()
	o := s.post(trying, d)
	if trying.Err() != nil && !o.arrived() {
		return nil
	}
	return s.note(ctx, d, o)
}

// outcome is what came of a try.
type outcome struct {
	attempt Attempt
	// after is when the receiver wants to be asked again at the earliest.
	after time.Duration
	// gone tells that the receiver wants nothing any more; final that no other try makes sense.
	gone, final bool
}

func (o *outcome) arrived() bool { return o.attempt.Status >= 200 && o.attempt.Status < 300 }

// post sends a delivery.
func (s *Service) post(ctx context.Context, d *sending) outcome {
	began := time.Now()
	o := outcome{attempt: Attempt{At: s.now()}}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.to.URL, bytes.NewReader(d.Body))
	if err != nil {
		o.attempt.Error = "the address is not valid"
		return o
	}
	if !s.Private && r.URL.Scheme != "https" { // of a key that the command line made, or from before
		o.attempt.Error = "only https addresses are called"
		return o
	}
	s.sign(r, d)
	answer, err := s.Client.Do(r)
	o.attempt.Took = time.Since(began).Milliseconds()
	if err != nil {
		o.attempt.Error = cause(err)
		return o
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.CopyN(io.Discard, answer.Body, mostAnswer) // so that the connection can be used again
	o.attempt.Status = answer.StatusCode
	if !o.arrived() {
		o.attempt.Error = "it answered " + strings.TrimSpace(strconv.Itoa(answer.StatusCode)+" "+http.StatusText(answer.StatusCode))
		if answer.StatusCode/100 == 3 {
			o.attempt.Error += "; redirects are not followed"
		}
	}
	o.gone = answer.StatusCode == http.StatusGone
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
		o.after = min(time.Duration(seconds), 86_400) * time.Second
	}
	return o
}

// sign sets a request's headers: by Standard Webhooks, with both secrets while the old
// one is still good; for a key's endpoint the secret itself, as the compatible API does.
func (s *Service) sign(r *http.Request, d *sending) {
	now := s.now()
	seconds := int64(now) / 1000
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Florin/"+s.Version)
	r.Header.Set("webhook-id", d.ID)
	r.Header["Idempotency-Key"] = nil // net/http may send it again where an old connection was just closed
	r.Header.Set("webhook-timestamp", strconv.FormatInt(seconds, 10))
	if d.to.Key {
		if d.to.secret != "" {
			r.Header.Set("Authorization", "Bearer "+d.to.secret)
		}
		return
	}
	signature := sign(d.to.secret, d.ID, seconds, d.Body)
	if d.to.oldSecret != "" && now < d.to.OldUntil {
		signature += " " + sign(d.to.oldSecret, d.ID, seconds, d.Body)
	}
	r.Header.Set("webhook-signature", signature)
}

// cause says in a few words why there was no answer, without telling what names mean here.
func cause(err error) string {
	var lookup *net.DNSError
	var slow net.Error
	switch {
	case errors.Is(err, errPrivate):
		return errPrivate.Error() + ", and the operator has not allowed that"
	case errors.As(err, &lookup):
		return "its name is not known"
	case errors.As(err, &slow) && slow.Timeout():
		return "it did not answer in time"
	}
	for err != nil {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	return fmt.Sprintf("no answer: %.200s", err)
}

// note writes what came of a try: to the delivery, unless another process has taken it
// since, and to its endpoint.
func (s *Service) note(ctx context.Context, d *sending, o outcome) error {
	history := append(d.History, o.attempt)
	history = history[max(0, len(history)-mostHistory):]
	raw, err := json.Marshal(history)
	if err != nil {
		return err
	}
	at := o.attempt.At
	state, due, finished := Pending, at.Add(s.pause(d, &o)), int64(0)
	switch over := o.final || o.gone || d.Type == Test || int(d.Attempts) > len(pauses); {
	case o.arrived():
		state, finished = Delivered, int64(at)
	case over:
		state, finished = Failed, int64(at)
	}
	disabled := false
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		disabled = false
		n, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET state = $3, due = $4, finished = $5, history = $6
			WHERE account = $1 AND id = $2 AND state = 'pending' AND due = $7 AND attempts = $8`,
			d.Account, d.ID, string(state), int64(due), finished, string(raw), int64(d.Due), d.Attempts)
		if err != nil || n == 0 || d.Type == Test || o.final {
			return err
		}
		disabled, err = s.mark(ctx, tx, d, &o, state)
		return err
	})
	if err == nil && disabled {
		err = s.Load(ctx)
	}
	return err
}

// pause is how long to wait after a try.
func (s *Service) pause(d *sending, o *outcome) time.Duration {
	i := min(max(int(d.Attempts)-1, 0), len(pauses)-1)
	return max(s.Jitter(pauses[i]), o.after)
}

// mark writes how an endpoint does, and gives it up where it wants nothing any more or
// where nothing arrived over all tries of a delivery.
func (s *Service) mark(ctx context.Context, tx *store.Tx, d *sending, o *outcome, state State) (bool, error) {
	e, err := endpointIn(ctx, tx, d.Account, d.Webhook)
	if errors.Is(err, ErrUnknown) || err == nil && e.Disabled != 0 {
		return false, nil
	}
	switch {
	case err != nil:
		return false, err
	case o.arrived() && e.Failing == 0:
		return false, nil
	case o.arrived():
		e.Failing = 0
		return false, e.markState(ctx, tx)
	case o.gone:
		return true, s.giveUp(ctx, tx, &e, "It answered 410 Gone: it wants nothing any more.")
	case e.Failing == 0:
		e.Failing = o.attempt.At
	case state == Failed && e.Failing <= d.first():
		return true, s.giveUp(ctx, tx, &e, fmt.Sprintf("Nothing arrived since %s, in %d tries of one event; the last time %s.", e.Failing, d.Attempts, o.attempt.Error))
	default:
		return false, nil
	}
	return false, e.markState(ctx, tx)
}

// first is when the present round of tries began.
func (d *sending) first() calendar.Instant {
	n := min(int(d.Attempts)-1, len(d.History)) // of a try that died nothing is known
	if n > 0 {
		return d.History[len(d.History)-n].At
	}
	return d.Created
}
