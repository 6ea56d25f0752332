package planted

import "time"

func inTest() { time.Sleep(1) }
