# Paid and too long not shipped, by what they wait on.
unfulfilled-words = { $n ->
        [one] { $n } pedido · { $threshold }
       *[other] { $n } pedidos · { $threshold }
    }
unfulfilled-unread = No se pudo leer
unfulfilled-none = Ningún pedido pagado espera demasiado
unfulfilled-none-why = Cuánto es demasiado es un ajuste: días laborables, hora límite y zona.
unfulfilled-settings = Abrir los ajustes
unfulfilled-orders = { $n ->
        [one] pedido
       *[other] pedidos
    }
unfulfilled-in-queue = Mostrar en la cola
unfulfilled-bought = Comprado { $when }
unfulfilled-rest = Los { $n } más antiguos de { $all }. La cola los muestra todos.
