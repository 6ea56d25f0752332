package model

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// Lock is a lock that at most one owner has, and what it protects. Each time that it is granted it has a
// higher fencing token, with which its owner goes to the protected resource.
//
//	Acquire{Owner}  returns a Granted, or Held{} if somebody has the lock; who has it already may be told
//	                either, and then the same token
//	Release{Owner}  returns a bool: whether the owner had the lock
//	Expire{}        returns nothing: the system takes the lock from whoever has it
//	Use{Token}      returns a bool: whether the resource let a request with that token in; it must turn away
//	                one that is lower than the highest that it has let in, and no other
//
// A system whose leases run out must add an Expire where they do, as an operation that is called and returns
// there. One that protects nothing needs no Use.
func Lock() porcupine.Model {
	return object(lockState{}, func(l lockState, input, output any) (lockState, bool) {
		switch in := input.(type) {
		case Acquire:
			return l.acquire(in.Owner, output)
		case Release:
			had := l.held && l.owner == in.Owner
			l.held = l.held && !had
			return l, said(output, had)
		case Expire:
			l.held = false
			return l, nothing(output)
		case Use:
			enters := in.Token >= l.entered
			l.entered = max(l.entered, in.Token)
			return l, said(output, enters)
		}
		return l, false
	})
}

type lockState struct {
	held    bool
	owner   string
	token   uint64 // of the last grant; the least that it can be while unseen
	unseen  bool   // nobody was told it
	entered uint64 // the highest that the resource has let in
}

func (l lockState) acquire(owner string, output any) (lockState, bool) {
	granted, answered := output.(Granted)
	has := l.held && l.owner == owner
	switch {
	case output == any(Held{}):
		return l, l.held
	case l.held && !has:
		return l, lost(output)
	case lost(output):
		if !has {
			l = lockState{held: true, owner: owner, token: l.token + 1, unseen: true, entered: l.entered}
		}
		return l, true
	case !answered:
		return l, false
	case has && !l.unseen:
		return l, granted.Token == l.token
	case granted.Token < l.token, !has && granted.Token == l.token:
		return l, false
	}
	return lockState{held: true, owner: owner, token: granted.Token, entered: l.entered}, true
}

// Acquire asks for a lock.
type Acquire struct{ Owner string }

// Granted is the answer to who got a lock. Tokens are positive.
type Granted struct{ Token uint64 }

// Held is the answer to who did not.
type Held struct{}

// Release gives a lock back.
type Release struct{ Owner string }

// Expire is the end of a lease.
type Expire struct{}

// Use is a request to the protected resource.
type Use struct{ Token uint64 }

func (a Acquire) String() string { return a.Owner + " acquires" }
func (g Granted) String() string { return fmt.Sprintf("token %d", g.Token) }
func (Held) String() string      { return "held" }
func (r Release) String() string { return r.Owner + " releases" }
func (Expire) String() string    { return "expire" }
func (u Use) String() string     { return fmt.Sprintf("use token %d", u.Token) }
