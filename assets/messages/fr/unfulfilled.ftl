# Paid and too long not shipped, by what they wait on.
unfulfilled-words = { $n ->
        [one] { $n } commande · { $threshold }
       *[other] { $n } commandes · { $threshold }
    }
unfulfilled-unread = Ceci n’a pas pu être lu
unfulfilled-none = Aucune commande payée n’attend trop longtemps
unfulfilled-none-why = Ce qui est trop long est un réglage : jours ouvrés, heure limite et fuseau.
unfulfilled-settings = Ouvrir les réglages
unfulfilled-orders = { $n ->
        [one] commande
       *[other] commandes
    }
unfulfilled-in-queue = Afficher dans la file
unfulfilled-bought = Acheté { $when }
unfulfilled-rest = Les { $n } plus anciennes sur { $all }. La file les montre toutes.
