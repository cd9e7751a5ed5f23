# Paid and too long not shipped, by what they wait on.
unfulfilled-words = { $n ->
        [one] { $n } order { $threshold }
       *[other] { $n } orders { $threshold }
    }
unfulfilled-unread = This could not be read
unfulfilled-none = No paid order waits too long
unfulfilled-none-why = How long is too long is a setting: business days, cut-off and zone.
unfulfilled-settings = Open settings
unfulfilled-orders = { $n ->
        [one] order
       *[other] orders
    }
unfulfilled-in-queue = Show in queue
unfulfilled-bought = Bought { $when }
unfulfilled-rest = The oldest { $n } of { $all }. The queue shows all.
