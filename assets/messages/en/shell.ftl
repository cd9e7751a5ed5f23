# The frame of the window: rail, foot, palette, sheet of keys, bars above every screen.
place-home = Home
place-queue = Queue
place-unfulfilled = Unfulfilled
place-exceptions = Exceptions
place-shipments = Shipments
place-returns = Returns
place-stock = Stock
place-reports = Reports
place-activity = Activity
place-automations = Automations
place-connections = Connections
place-settings = Settings
rail-name = Places and accounts
rail-search = Search
rail-search-title = Search places, actions, orders and settings ({ $key })
rail-places = Places
rail-set-up = Set up
rail-accounts = Accounts
rail-account-new = new
rail-account-not-read = { $name }: not read yet
rail-account-read = { $name }: { $state }; last read { $when }
frame-skip = Skip to the list
frame-lost = This screen could not be loaded. Restart the program; nothing is lost.

# What the keyboard can do everywhere.
group-go-to = Go to
group-order = Order
group-list = List
group-desk = Desk
group-view = View
do-search-everything = Search everything
do-search-list = Search or filter this list
do-show-keys = Show all keys
do-sync = Sync now: read every account
do-undo = Take the last thing back
do-undo-nothing = Nothing to take back right now.
do-lately = What was done lately, and take it back…
do-lately-nothing = Nothing was done that could be taken back.
do-theme = Switch between light and dark
do-wall = Wall mode: large numbers, no names
do-contrast = Switch high contrast on or off
do-density = Switch between comfortable and compact rows

# The palette.
palette-name = Search places, actions, settings and orders
palette-hint = A place, an action, a setting, an order…
palette-matches = Matches
palette-none = Nothing is called “{ $text }”. Orders are found by number, name, SKU or tracking.
palette-go-to = Go to { $place }
palette-setting = Setting: { $name }
palette-account = Account: { $name }
palette-view = Go to Queue: { $view }
palette-cause = Cause: { $title } ({ $n })

# Sheets behind the foot.
keys-title = Keys
keys-words = The mouse does all of this too.
lately-title = Done lately
lately-words = Each can be taken back for ten minutes. What a platform was told already is not on this list.
lately-take-back = Take back
lately-take-back-what = Take back: { $sentence }
lately-none = Nothing is left to take back.

# The foot. In bold: the numbers.
foot-open = { $n } open
foot-left-today = Left today { $n } of { $all }
foot-take-back = Take back…
foot-as-of = As of { $clock }
foot-keys = ? for keys

# Bars above every screen.
trouble-name = Trouble
trouble-waits = Everything waits.
trouble-check-up = Check-up…
trouble-sentence = the sentence
sandbox-name = Sandbox
sandbox-head = Sandbox.
sandbox-words = These orders are made up; nothing leaves this computer.
sandbox-connect = Connect my accounts…
fallen-name = Something fell over
fallen-head = A part of Quayside fell over
fallen-head-times = A part of Quayside fell over { $n } times
fallen-words = { $head }, last on { $when }. It was started again and nothing is lost. A report without names is kept on this computer.
fallen-show = See what is known…
opening-words = Opening the keychain and your orders…
