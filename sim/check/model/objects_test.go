package model_test

import (
	"slices"

	"github.com/windtunnel/windtunnel/sim/check/model"
)

func newRegister() func(any) any {
	value := 0
	return func(input any) any {
		switch in := input.(type) {
		case model.Write[int]:
			value = in.Value
			return nil
		case model.CompareAndSet[int]:
			if value != in.Old {
				return false
			}
			value = in.New
			return true
		}
		return value
	}
}

func newStore() func(any) any {
	stored := map[string]int{}
	find := func(key string) model.Maybe[int] {
		value, found := stored[key]
		return model.Maybe[int]{Value: value, Found: found}
	}
	return func(input any) any {
		switch in := input.(type) {
		case model.Get:
			return find(in.Key)
		case model.Put[int]:
			stored[in.Key] = in.Value
		case model.Delete:
			delete(stored, in.Key)
		case model.PutIf[int]:
			if find(in.Key) != in.Old {
				return false
			}
			stored[in.Key] = in.New
			return true
		}
		return nil
	}
}

func newLock() func(any) any {
	owner, token, entered := "", uint64(0), uint64(0)
	return func(input any) any {
		switch in := input.(type) {
		case model.Acquire:
			if owner != "" && owner != in.Owner {
				return model.Held{}
			}
			if owner == "" {
				owner = in.Owner
				token++
			}
			return model.Granted{Token: token}
		case model.Release:
			if owner != in.Owner {
				return false
			}
			owner = ""
			return true
		case model.Use:
			if in.Token < entered {
				return false
			}
			entered = in.Token
			return true
		}
		owner = "" // model.Expire
		return nil
	}
}

func newQueue() func(any) any {
	var queued []int
	return func(input any) any {
		if in, ok := input.(model.Enqueue[int]); ok {
			queued = append(queued, in.Value)
			return nil
		}
		if len(queued) == 0 {
			return model.None[int]()
		}
		first := queued[0]
		queued = queued[1:]
		return model.Some(first)
	}
}

func newSet() func(any) any {
	there := map[int]bool{}
	return func(input any) any {
		switch in := input.(type) {
		case model.Add[int]:
			defer func() { there[in.Value] = true }()
			return !there[in.Value]
		case model.Remove[int]:
			defer delete(there, in.Value)
			return there[in.Value]
		}
		return there[input.(model.Contains[int]).Value]
	}
}

func newLog() func(any) any {
	var records []int
	return func(input any) any {
		in, ok := input.(model.ReadFrom)
		if !ok {
			records = append(records, input.(model.Append[int]).Value)
			return len(records) - 1
		}
		rest := records[min(in.From, len(records)):]
		if in.Most > 0 {
			rest = rest[:min(in.Most, len(rest))]
		}
		return slices.Clone(rest)
	}
}
