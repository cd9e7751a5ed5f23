# Before the desk: nothing is connected yet, or it does not open.
start-title = One desk for every order
start-lead = Quayside reads your stores and the account you ship with, keeps all orders in one list on this computer, and says of each one that is stuck what it waits on. It only watches until you have seen its plan and switched it on.
start-opening = Opening the sandbox…
start-sandbox = Look around with the sandbox
start-sandbox-what = A made-up merchant: orders arrive, a warehouse packs, some things go wrong. No account needed.
start-connect = Connect my accounts
start-connect-what = A store and a shipping account, step by step, each tested before it is saved.
start-restore = Restore a backup
start-restore-what = From another computer or an earlier day, with its pass phrase.
start-follows = What follows
start-follows-connect = Connect a store and the account you ship with
start-follows-read = Quayside reads the orders
start-follows-plan = You look at the plan: nothing has been sent
start-follows-on = You switch it on, from an order on
start-secrets = Credentials stay in this computer’s keychain. Nothing is sent anywhere but to your own platforms.

# The desk does not open.
broken-keychain = The keychain does not open
broken-storage = Your orders cannot be opened
broken-held = Quayside is already open
broken-title = Quayside cannot open
broken-restore = Restore a backup…
broken-fresh = Start fresh…
broken-details = details
broken-copy = Copy details
broken-fresh-title = Start fresh?
broken-fresh-means = The damaged file is set aside, not deleted. Orders, parcels and states are read again from the platforms; what only Quayside knew (holds, snoozes, notes, history) is not.
broken-fresh-confirm = Start fresh
