# Time as people say it. Clock times are 24 h; a number and its unit stay together.
time-tomorrow = mañana { $clock }
time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $n } h
time-hours-minutes = { $hours } h { $minutes } min
time-days = { $n ->
        [one] { $n } día
       *[other] { $n } días
    }

# The same after words like "in" and "since", where a language has another form for it.
time-days-after = { $n ->
        [one] { $n } día
       *[other] { $n } días
    }
time-days-hours = { $days } { $hours } h

# The shortest ages, for the rail.
time-age-seconds = { $n } s
time-age-minutes = { $n } min
time-age-hours = { $n } h
time-age-days = { $n } d
time-just-now = ahora mismo
time-ago = hace { $length }
time-now = ahora
time-in = en { $length }
time-since = desde hace { $length }
time-since-a-moment = desde hace un momento

# The ship-by of an order as a clock.
time-late-by = { $length } de retraso
time-under-a-minute-left = menos de 1 min
time-left = quedan { $length }
time-today = hoy { $clock }
