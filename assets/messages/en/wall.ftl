# The screen on the wall: read from afar, without names.
wall-title = What must leave today
wall-leave = Leave the wall
wall-numbers = Today
wall-of = of { $n }
wall-left = Left
wall-risk-or-late = At risk or late
wall-late = { $n } late
wall-in-time = all in time
wall-soon = must leave soon
wall-next = Next deadlines
wall-units = { $n ->
        [one] { $n } unit
       *[other] { $n } units
    }
wall-needs-a-person = needs a person
wall-none = No deadline ahead.
wall-old = These numbers are { $length } old
wall-as-of = As of { $clock }
