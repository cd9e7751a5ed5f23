# Time as people say it. Clock times are 24 h; a number and its unit stay together.
time-tomorrow = demain { $clock }
time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $n } h
time-hours-minutes = { $hours } h { $minutes } min
time-days = { $n ->
        [one] { $n } jour
       *[other] { $n } jours
    }

# The same after words like "in" and "since", where a language has another form for it.
time-days-after = { $n ->
        [one] { $n } jour
       *[other] { $n } jours
    }
time-days-hours = { $days } { $hours } h

# The shortest ages, for the rail.
time-age-seconds = { $n } s
time-age-minutes = { $n } min
time-age-hours = { $n } h
time-age-days = { $n } j
time-just-now = à l’instant
time-ago = il y a { $length }
time-now = maintenant
time-in = dans { $length }
time-since = depuis { $length }
time-since-a-moment = depuis un instant

# The ship-by of an order as a clock.
time-late-by = { $length } de retard
time-under-a-minute-left = reste moins de 1 min
time-left = reste { $length }
time-today = aujourd’hui { $clock }
