# "Are we fine?": the first screen.
home-title = { $weekday }, { $clock }. { $headline }
home-wall = Wall mode
home-unread = The overview could not be read
home-today = Must leave today
home-today-none = nothing due
home-still-here = { $n } still here
home-left = Left so far
home-at-risk = At risk
home-no-deadline = no deadline ahead
home-next-deadline = next deadline { $when }
home-late = Late
home-late-none = nothing is late
home-oldest = oldest { $length }
home-need-a-person = Need a person
home-all-clear = all clear
home-causes = { $n ->
        [one] { $n } cause
       *[other] { $n } causes
    }
home-causes-more = { $n ->
        [one] { $n } more cause
       *[other] { $n } more causes
    }
home-causes-none = Nothing needs you.
home-needs-a-person = Needs a person
home-all-exceptions = All exceptions
home-waits = What waits on what
home-waits-none = No open orders.
home-did = What the desk did for you today
home-did-none = Nothing was sent today yet.
home-fresh = How fresh each account is

# How fresh each account is.
accounts-account = Account
accounts-last-read = Last read
accounts-fresh-within = Fresh within
accounts-budget = Rate budget
accounts-today = Today
accounts-not-yet = not yet
accounts-orders-in = { $n ->
        [one] { $n } order in
       *[other] { $n } orders in
    }
accounts-orders-taken = { $n ->
        [one] { $n } order taken
       *[other] { $n } orders taken
    }
accounts-did = { $orders }, { $n ->
        [one] { $n } change done
       *[other] { $n } changes done
    }

# The last days as bars.
trends-name = The last days
trends-tabs = Trends
trends-left-per-day = Left per day
trends-late = Late
trends-time-to-ship = Time to ship
trends-exceptions = Exceptions
trends-days-shown = Days shown
trends-days = { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
trends-none = No bar yet: nothing of this kind in these days.
trends-nothing-left = Nothing left in these days.
trends-usually = Usually { $length } from order to parcel
trends-in-time = { $share } % left in time
trends-began = { $n ->
        [one] { $n } exception began
       *[other] { $n } exceptions began
    }; { $mended } mended themselves
trends-left = { $n ->
        [one] { $n } order left
       *[other] { $n } orders left
    } in { $days }
trends-bar-hours = from order to parcel
trends-bar-late = % late, { $late } of { $all }
trends-bar-mended = mended themselves
trends-bar-settled = settled by hand
trends-bar-began = more began
trends-bar-in-time = left in time
trends-bar-left-late = left late

# First steps.
steps-head = First steps
steps-done = { $n } of { $all } done
steps-done-name = First steps done
steps-hide = Hide
steps-done-one = Done:
steps-store = Connect a store…
steps-hub = Connect it…
steps-permissions = See what is missing
steps-read = See the queue
steps-plan = Look at the plan…
steps-live = Choose…
steps-first = See the numbers
steps-go = Go there
