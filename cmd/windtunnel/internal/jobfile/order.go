package jobfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// provides reads what of a workflow's answers is passed on, in the order of the names.
func provides(src *source, at string, d map[string]documentProvide) (out []load.Provide, err error) {
	if len(d) > load.MaxProvides {
		return nil, src.wrong(at, "%d: must be at most %d", len(d), load.MaxProvides)
	}
	for _, name := range slices.Sorted(maps.Keys(d)) {
		p := load.Provide{Name: name, Header: d[name].Header, Pointer: d[name].JSON}
		key := at + "." + name
		switch {
		case !load.ValidValueName(name):
			return nil, src.wrong(at, "%q: must be 1 to %d letters, digits, '_' or '-'", name,
				load.MaxValueName)
		case (p.Header == "") == (p.Pointer == ""):
			return nil, src.wrong(key, "must be one of {json: /user/token} and {header: X-Session}")
		}
		// Only a target can say whether what it provides is right: this one is, but for that.
		whole := load.Target{Method: "GET", URL: "http://any", Timeout: load.MaxTimeout}
		whole.Provide = []load.Provide{p}
		if err := whole.Validate(); err != nil {
			if p.Header != "" {
				return nil, src.wrong(key+".header", "%q: must be a header name", p.Header)
			}
			return nil, src.wrong(key+".json", "%q: must be a JSON pointer, like /user/token", p.Pointer)
		}
		out = append(out, p)
	}
	return out, nil
}

// order holds that every workflow can come to its turn, and then has all that its request names.
func order(src *source, all []protocol.WorkflowSpec) error {
	byName := map[string]*protocol.WorkflowSpec{}
	for i := range all {
		byName[all[i].Name] = &all[i]
	}
	for i := range all {
		for j, name := range all[i].After {
			at := fmt.Sprintf("workflows[%d].after[%d]", i, j)
			if byName[name] == nil {
				return src.wrong(at, "%q: no workflow has that name", name)
			}
			if slices.Contains(all[i].After[:j], name) {
				return src.wrong(at, "%q: each name once", name)
			}
		}
	}
	for i := range all {
		at := fmt.Sprintf("workflows[%d]", i)
		before := map[string]bool{}
		if path := precede(byName, &all[i], before, nil); path != nil {
			return src.wrong(at+".after", "a circle, in which none can be the first: %s",
				strings.Join(path, " after "))
		}
		if err := placeholders(src, at, all[i].Target, byName, before); err != nil {
			return err
		}
	}
	return nil
}

// precede gathers all that come before a workflow, directly or through others. It returns the way from the
// workflow back to itself, if there is one.
func precede(byName map[string]*protocol.WorkflowSpec, w *protocol.WorkflowSpec, before map[string]bool,
	path []string) []string {
	path = append(path, w.Name)
	for _, name := range w.After {
		if name == path[0] {
			return append(path, name)
		}
		if before[name] {
			continue
		}
		before[name] = true
		if found := precede(byName, byName[name], before, path); found != nil {
			return found
		}
	}
	return nil
}

// placeholders holds that what a workflow's request names is provided by one before it.
func placeholders(src *source, at string, t load.Target, byName map[string]*protocol.WorkflowSpec,
	before map[string]bool) error {
	for _, part := range []struct {
		key string
		of  load.Target
	}{
		{".http.url", load.Target{URL: t.URL}},
		{".http.headers", load.Target{Headers: t.Headers}},
		{".http.body", load.Target{Body: t.Body}},
	} {
		for _, name := range part.of.Placeholders() {
			if why := unprovided(name, byName, before); why != "" {
				return src.wrong(at+part.key, "${%s}: %s", name, why)
			}
		}
	}
	return nil
}

// unprovided says why there will be no value for a placeholder; nothing when there will be one.
func unprovided(placeholder string, byName map[string]*protocol.WorkflowSpec, before map[string]bool) string {
	dot := strings.LastIndexByte(placeholder, '.') // names of values have none
	if dot < 0 {
		return "must be ${workflow.name}"
	}
	workflow, name := placeholder[:dot], placeholder[dot+1:]
	if byName[workflow] == nil {
		return fmt.Sprintf("no workflow is called %q", workflow)
	}
	if !before[workflow] {
		return fmt.Sprintf("%q does not come before: name it in after", workflow)
	}
	provides := byName[workflow].Target.Provide
	if !slices.ContainsFunc(provides, func(p load.Provide) bool { return p.Name == name }) {
		return fmt.Sprintf("%q does not provide %q", workflow, name)
	}
	return ""
}
