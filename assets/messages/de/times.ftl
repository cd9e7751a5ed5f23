# Time as people say it. Clock times are 24 h; a number and its unit stay together.
time-tomorrow = morgen { $clock }
time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $n } h
time-hours-minutes = { $hours } h { $minutes } min
time-days = { $n ->
        [one] { $n } Tag
       *[other] { $n } Tage
    }

# The same after words like "in" and "since", where a language has another form for it.
time-days-after = { $n ->
        [one] { $n } Tag
       *[other] { $n } Tagen
    }
time-days-hours = { $days } { $hours } h

# The shortest ages, for the rail.
time-age-seconds = { $n } s
time-age-minutes = { $n } min
time-age-hours = { $n } h
time-age-days = { $n } T
time-just-now = gerade eben
time-ago = vor { $length }
time-now = jetzt
time-in = in { $length }
time-since = seit { $length }
time-since-a-moment = seit einem Moment

# The ship-by of an order as a clock.
time-late-by = { $length } zu spät
time-under-a-minute-left = noch unter 1 min
time-left = noch { $length }
time-today = heute { $clock }
