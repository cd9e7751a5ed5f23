# Views of the queue.
view-open = Open
view-today = Today
view-at-risk = At risk
view-late = Late
view-held = On hold
view-unpaid = Unpaid
view-asked = Waits for you
view-shipped = Shipped

# Columns.
column-order = Order
column-age = Age
column-channel = Channel
column-customer = Customer
column-to = To
column-lines = Lines
column-units = Units
column-value = Value
column-stage = Stage
column-hub = At the hub
column-tags = Tags
column-ship-by = Ship by
column-waits = Waits on
columns-title = Columns
columns-words = When the window is too narrow for all of them, those that are not pinned leave first.
columns-moved = { $column } is column { $n } of { $all }
columns-width = Width of { $column }, pixels
columns-pin = Pin
columns-pin-name = Pin { $column }: it stays when there is little room
columns-pinned = Pinned: stays when there is little room
columns-left = Move { $column } to the left
columns-right = Move { $column } to the right
columns-is-first = It is the first.
columns-is-last = It is the last.
columns-note = “Waits on” takes what is left.
columns-reset = As they were
columns-done = Done

# A row.
row-select = Select { $number }
row-bought = { $number }, bought { $when }
row-test = test
row-units = { $lines ->
        [one] { $lines } line
       *[other] { $lines } lines
    }, { $units ->
        [one] { $units } unit
       *[other] { $units } units
    } · { $service }
row-badge = The store promises more for { $badge } orders
row-must-leave = Must leave by { $when }

# The list is empty, or changes.
queue-unread = The list could not be read
queue-no-match = No order matches
queue-no-match-words = No order in “{ $view }” is { $filter }.
queue-clear-filter = Clear the filter
queue-no-account = No account is connected
queue-no-account-words = Connect a store and the account you ship with; orders appear here by themselves.
queue-connect = Connect an account
queue-clear-late = Nothing is late
queue-clear-at-risk = Nothing is at risk
queue-clear-today = Nothing more has to leave today
queue-clear-held = Nothing is on hold
queue-clear-unpaid = Everything is paid
queue-clear-asked = Nothing waits for your click
queue-clear-shipped = Nothing has shipped yet
queue-clear-open = No open orders
queue-checked = Checked at { $clock } over { $n } accounts.
queue-unchecked = Not checkable right now: { $names }.
news-fresh = { $n ->
        [one] { $n } new order
       *[other] { $n } new orders
    }
news-left = { $n ->
        [one] { $n } order
       *[other] { $n } orders
    } left this list
news-moved = The order of this list changed
news-show = Show
chip-remove = Remove this part of the filter
chip-remove-name = Remove filter: { $part }
chips-matches = { $n ->
        [one] { $n } match
       *[other] { $n } matches
    }
chips-more-than = more than { $n } matches
clear = Clear
chips-save = Save as view…

# The head of the list.
grid-name = Orders
grid-select-all = Select all loaded orders
grid-largest-first = Largest first
grid-smallest-first = Smallest first
grid-sort-by = Sort by { $column }

# Saving a view.
save-view-title = Save as a view
save-view-from = Where the view comes from
save-view-screen = What is on screen
save-view-text = A text I was sent
save-view-whole = The view shows what this tab shows. Type a filter first to make it narrower.
save-view-filter = The view shows orders that are { $filter }.
save-view-no-name = Give it a name.
save-view-no-text = Paste the text first.
save-view-name = Name
save-view-name-hint = EU warehouse
save-view-text-of = Text of the view
save-view-read = “{ $label }”: { $filter }.
save-view-all-of = all of “{ $view }”
save-view-how = Somebody copies it from the menu beside their view.
save-view-save = Save view
cancel = Cancel

# What can be done with the ticked rows.
bulk-name = Selected orders
bulk-all-selected = All that match selected
bulk-selected = { $n } selected
bulk-select-all = Select all that match
bulk-select-all-n = Select all { $n } that match
bulk-all = all
bulk-hold = Hold { $n }…
bulk-release = Release { $n }
bulk-retry = Retry { $n }
bulk-approve = Approve { $n }…
bulk-buy-labels = Buy labels…
bulk-more = More
bulk-more-name = More for the selected orders
bulk-sync = Read again on both sides
bulk-push = Send to the hub now…
bulk-push-warning = Whatever rules wait for is skipped for these orders.
bulk-cancel = Cancel orders…
bulk-cancel-warning-one = { $what } is cancelled in its store. Cancelling cannot be taken back.
bulk-cancel-warning = { $what } are cancelled in their stores. Cancelling cannot be taken back.
bulk-still = List stands still; { $n ->
        [one] { $n } change
       *[other] { $n } changes
    } waiting.
bulk-refresh = Refresh

# Keys of the queue.
key-next-order = Next order
key-previous-order = Previous order
key-page-down = A page down
key-page-up = A page up
key-first-order = First order
key-last-order = Last order
key-tick = Select or unselect
key-range = Select up to here
key-extend-down = Extend the selection down
key-extend-up = Extend the selection up
key-news = Show what came into this list
key-news-none = Nothing new waits.
key-open = Open the order
key-peek = Peek: open and stay in the list
key-select-first = Select an order first.
key-sync = Sync: read it again on both sides
key-hold = Hold…
key-snooze = Snooze what is wrong with it…
key-assign = Give to somebody…
key-label = Buy label…
key-approve = Approve…
key-push-warning = Whatever rules wait for is skipped.
key-cancel = Cancel in the store…
key-cancel-warning = Cancelling cannot be taken back.
key-escape = Close the order, then clear the selection, then the filter
key-columns = Arrange the columns…
key-view = Queue: { $view }
group-by-none = No groups
group-by-due = Group by deadline
group-by-waits = Group by what they wait on
group-by-store = Group by store
group-by-stage = Group by stage
group-by-country = Group by country

# The queue itself.
queue-title = Queue: { $view }
queue-views = Views
queue-range-gap = Nothing was selected: rows in between were not read. Filter for what you mean and use “Select all that match”, or scroll through them.
queue-range-gone = Nothing was selected: the row you began at is no longer among those read. Select one, then the range from there.
queue-new-waiting = { $n } new in this list, waiting to be shown
queue-new = { $n } new in this list
queue-view-copied = “{ $view }” copied as text
queue-view-not-copied = The view could not be copied.
queue-all-matching = all orders that match
queue-orders = { $n ->
        [one] { $n } order
       *[other] { $n } orders
    }
queue-too-many = More than { $n } orders match, and no act takes more at once. Narrow the filter and do it in parts.
queue-still-reading = The order that is open is still being read.
queue-this-view = This view
queue-save-into = Save what is on screen into it
queue-shows-this = It shows exactly this.
queue-copy-view = Copy as text
queue-view-left = Move to the left
queue-view-right = Move to the right
queue-delete-view = Delete view
queue-save-view = + Save view
queue-more-views = More views
queue-group = Group
