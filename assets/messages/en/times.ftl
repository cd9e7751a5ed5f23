# Time as people say it. Clock times are 24 h; a number and its unit stay together.
time-tomorrow = tomorrow { $clock }
time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $n } h
time-hours-minutes = { $hours } h { $minutes } min
time-days = { $n ->
        [one] { $n } day
       *[other] { $n } days
    }

# The same after words like "in" and "since", where a language has another form for it.
time-days-after = { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
time-days-hours = { $days } { $hours } h

# The shortest ages, for the rail.
time-age-seconds = { $n } s
time-age-minutes = { $n } m
time-age-hours = { $n } h
time-age-days = { $n } d
time-just-now = just now
time-ago = { $length } ago
time-now = now
time-in = in { $length }
time-since = since { $length }
time-since-a-moment = since a moment

# The ship-by of an order as a clock.
time-late-by = late by { $length }
time-under-a-minute-left = under 1 min left
time-left = { $length } left
time-today = today { $clock }
