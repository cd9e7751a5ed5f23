# The one table of states: how far an order is.
stage-unpaid = Unpaid
stage-to-send = To send
stage-sending = Sending
stage-packing = Packing
stage-held = On hold
stage-partly-shipped = Partly shipped
stage-telling = Telling the store
stage-shipped = Shipped
stage-cancelled = Cancelled
stage-nothing-to-ship = Nothing to ship
stage-ignored = Left alone
ship-by-shipped = shipped
ship-by-cancelled = cancelled

# Who can mend what an order waits on.
fixer-merchant = You
fixer-warehouse = The warehouse
fixer-buyer = The buyer
fixer-platform = The platform
fixer-time = Nobody needs to

# Where a planned change stands.
effect-asked = Waits for you
effect-pending = Waits its turn
effect-running = Sent, no answer yet
effect-unknown = Answer lost
effect-done = Done
effect-refused = Refused
effect-skipped = Given up

# How a check went.
check-works = Works
check-limited = Works with a limit
check-missing = Does not work

# How far an automation may go.
mode-off = Off
mode-off-means = Does nothing and plans nothing.
mode-watch = Watch
mode-watch-means = Shows what it would do. Nothing is sent.
mode-ask = Ask
mode-ask-means = Prepares each change and waits for your click.
mode-auto = Auto
mode-auto-means = Sends by itself; what it cannot do becomes an exception.

# An account's state.
account-fresh = fresh
account-reading = reading
account-failing = slow or failing
account-needs-you = needs you
account-paused = paused

# What can be done about an exception. Buttons are verb and noun; an ellipsis means a dialog follows.
action-retry = Retry now
action-retry-many = Retry { $n }
action-skip = Skip…
action-skip-many = Skip { $n }…
action-map-sku = Map SKU…
action-map-skus = Map SKUs…
action-edit-address = Edit address…
action-edit-addresses = Edit addresses…
action-choose-service = Choose service…
action-choose-services = Choose services…
action-edit-and-retry = Edit and retry…
action-look-now = Look now
action-sign-in = Sign in…
action-grant = Grant permission…
action-cancel-order = Cancel order…
action-cancel-orders = Cancel { $n } orders…
action-void-label = Void label…
action-void-labels = Void { $n } labels…
action-send-ours-too = Send ours too…
action-send-ours-too-many = Send { $n } of ours too…
action-ship-anyway = Ship anyway…
action-ship-anyway-many = Ship { $n } anyway…
action-release = Release
action-release-many = Release { $n }
action-open-in = Open in { $place }
action-open-in-store = Open in store
action-open-in-hub = Open in hub
action-open-tracking = Open tracking page
action-copy-change = Copy the change
action-copy-order = Copy the order
action-who-writes = Say who writes…
action-refund = Give money back…
action-who-is-it = Who is it?
action-map-for-all = Map for all orders…
action-link = Use the hub’s copy
action-link-many = Use the hub’s { $n } copies
action-resolve = Mark settled
action-resolve-many = Mark { $n } settled
action-approve = Approve
action-approve-many = Approve { $n }…
action-connect = Connect an account…
action-switch-on = Switch it on…

# What each act is called when it asks.
verb-sync = Sync
verb-push = Send
verb-hold = Hold
verb-release = Release
verb-cancel = Cancel
verb-retry = Retry
verb-skip = Skip
verb-approve = Approve
verb-void-label = Void label
verb-buy-label = Buy label
verb-return-label = Return label
verb-ship-anyway = Ship anyway
verb-look-now = Look now
verb-resolve = Mark settled
verb-link = Use the hub’s copy
verb-unlink = Not this order
verb-refund = Give money back
verb-snooze = Snooze
verb-wake = Wake now
verb-assign = Give to
verb-edit = Edit and retry
