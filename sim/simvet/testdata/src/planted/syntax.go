package planted

type wires struct {
	c chan int // want `channel: use core.Mailbox`
}

func syntax(w wires) {
	go syntax(w)        // want `go statement: use env.Go: the Go scheduler decides`
	w.c <- 1            // want `send on a channel: use Mailbox.Put`
	_ = <-w.c           // want `receive from a channel: use Mailbox.Take`
	_ = make(chan bool) // want `channel: use core.Mailbox`
	select {}           // want `select: use a look at each`
}

func arms(w wires) {
	select { // want `select: use a look at each`
	case <-w.c:
		<-w.c // want `receive from a channel`
	case w.c <- 1:
	default:
	}
}

func ends(in <-chan int, out chan<- int) { // want `channel: use` `channel: use`
	for range in { // want `range over a channel: use Mailbox.Take`
	}
	close(out) // want `close of a channel: use core.Latch`
	defer func() {
		_ = recover() // want `recover: use nothing: the task wrapper`
	}()
}
