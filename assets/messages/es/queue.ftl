# Views of the queue.
view-open = Abiertos
view-today = Hoy
view-at-risk = En riesgo
view-late = Con retraso
view-held = Retenidos
view-unpaid = Sin pagar
view-asked = Esperan por ti
view-shipped = Enviados

# Columns.
column-order = Pedido
column-age = Edad
column-channel = Canal
column-customer = Cliente
column-to = Destino
column-lines = Líneas
column-units = Unidades
column-value = Valor
column-stage = Etapa
column-hub = En envíos
column-tags = Etiquetas
column-ship-by = Enviar antes de
column-waits = Espera a
columns-title = Columnas
columns-words = Si la ventana es demasiado estrecha para todas, salen primero las que no están fijadas.
columns-moved = { $column } es la columna { $n } de { $all }
columns-width = Ancho de { $column }, píxeles
columns-pin = Fijar
columns-pin-name = Fijar { $column }: se queda cuando hay poco espacio
columns-pinned = Fijada: se queda cuando hay poco espacio
columns-left = Mover { $column } a la izquierda
columns-right = Mover { $column } a la derecha
columns-is-first = Es la primera.
columns-is-last = Es la última.
columns-note = «Espera a» ocupa lo que queda.
columns-reset = Como estaban
columns-done = Listo

# A row.
row-select = Seleccionar { $number }
row-bought = { $number }, comprado { $when }
row-test = prueba
row-units = { $lines ->
        [one] { $lines } línea
       *[other] { $lines } líneas
    }, { $units ->
        [one] { $units } unidad
       *[other] { $units } unidades
    } · { $service }
row-badge = La tienda promete más en los pedidos { $badge }
row-must-leave = Debe salir antes de { $when }

# The list is empty, or changes.
queue-unread = No se pudo leer la lista
queue-no-match = Ningún pedido coincide
queue-no-match-words = Ningún pedido en «{ $view }»: { $filter }.
queue-clear-filter = Quitar el filtro
queue-no-account = No hay ninguna cuenta conectada
queue-no-account-words = Conecta una tienda y la cuenta con la que envías; los pedidos aparecen aquí solos.
queue-connect = Conectar una cuenta
queue-clear-late = Nada va con retraso
queue-clear-at-risk = Nada está en riesgo
queue-clear-today = Hoy no tiene que salir nada más
queue-clear-held = Nada está retenido
queue-clear-unpaid = Todo está pagado
queue-clear-asked = Nada espera tu clic
queue-clear-shipped = Aún no se ha enviado nada
queue-clear-open = No hay pedidos abiertos
queue-checked = Comprobado a las { $clock } en { $n } cuentas.
queue-unchecked = No se puede comprobar ahora: { $names }.
news-fresh = { $n ->
        [one] { $n } pedido nuevo
       *[other] { $n } pedidos nuevos
    }
news-left = { $n ->
        [one] { $n } pedido salió
       *[other] { $n } pedidos salieron
    } de esta lista
news-moved = Ha cambiado el orden de esta lista
news-show = Mostrar
chip-remove = Quitar esta parte del filtro
chip-remove-name = Quitar filtro: { $part }
chips-matches = { $n ->
        [one] { $n } resultado
       *[other] { $n } resultados
    }
chips-more-than = más de { $n } resultados
clear = Quitar
chips-save = Guardar como vista…

# The head of the list.
grid-name = Pedidos
grid-select-all = Seleccionar todos los pedidos cargados
grid-largest-first = Mayores primero
grid-smallest-first = Menores primero
grid-sort-by = Ordenar por { $column }

# Saving a view.
save-view-title = Guardar como vista
save-view-from = De dónde viene la vista
save-view-screen = Lo que hay en pantalla
save-view-text = Un texto que me enviaron
save-view-whole = La vista muestra lo que muestra esta pestaña. Escribe antes un filtro para acotarla.
save-view-filter = La vista muestra pedidos: { $filter }.
save-view-no-name = Ponle un nombre.
save-view-no-text = Pega antes el texto.
save-view-name = Nombre
save-view-name-hint = Almacén UE
save-view-text-of = Texto de la vista
save-view-read = «{ $label }»: { $filter }.
save-view-all-of = todo «{ $view }»
save-view-how = Se copia en el menú junto a una vista.
save-view-save = Guardar vista
cancel = Cancelar

# What can be done with the ticked rows.
bulk-name = Pedidos seleccionados
bulk-all-selected = Seleccionados todos los que coinciden
bulk-selected = { $n } seleccionados
bulk-select-all = Seleccionar todos los que coinciden
bulk-select-all-n = Seleccionar los { $n } que coinciden
bulk-all = todos
bulk-hold = Retener { $n }…
bulk-release = Liberar { $n }
bulk-retry = Reintentar { $n }
bulk-approve = Aprobar { $n }…
bulk-buy-labels = Comprar etiquetas…
bulk-more = Más
bulk-more-name = Más para los pedidos seleccionados
bulk-sync = Volver a leer en ambos lados
bulk-push = Pasar ahora a la cuenta de envíos…
bulk-push-warning = Lo que las reglas esperan se omite en estos pedidos.
bulk-cancel = Cancelar pedidos…
bulk-cancel-warning-one = { $what } se cancela en su tienda. Una cancelación no se puede deshacer.
bulk-cancel-warning = { $what } se cancelan en sus tiendas. Una cancelación no se puede deshacer.
bulk-still = La lista no se mueve; { $n ->
        [one] { $n } cambio pendiente
       *[other] { $n } cambios pendientes
    }.
bulk-refresh = Actualizar

# Keys of the queue.
key-next-order = Pedido siguiente
key-previous-order = Pedido anterior
key-page-down = Una página abajo
key-page-up = Una página arriba
key-first-order = Primer pedido
key-last-order = Último pedido
key-tick = Seleccionar o quitar
key-range = Seleccionar hasta aquí
key-extend-down = Ampliar la selección hacia abajo
key-extend-up = Ampliar la selección hacia arriba
key-news = Mostrar lo que entró en esta lista
key-news-none = No hay nada nuevo.
key-open = Abrir el pedido
key-peek = Vistazo: abrir y seguir en la lista
key-select-first = Selecciona antes un pedido.
key-sync = Sincronizar: volver a leerlo en ambos lados
key-hold = Retener…
key-snooze = Posponer lo que le pasa…
key-assign = Asignar a alguien…
key-label = Comprar etiqueta…
key-approve = Aprobar…
key-push-warning = Lo que las reglas esperan se omite.
key-cancel = Cancelar en la tienda…
key-cancel-warning = Una cancelación no se puede deshacer.
key-escape = Cerrar el pedido, luego quitar la selección, luego el filtro
key-columns = Ordenar las columnas…
key-view = Cola: { $view }
group-by-none = Sin grupos
group-by-due = Agrupar por plazo
group-by-waits = Agrupar por lo que esperan
group-by-store = Agrupar por tienda
group-by-stage = Agrupar por etapa
group-by-country = Agrupar por país

# The queue itself.
queue-title = Cola: { $view }
queue-views = Vistas
queue-range-gap = No se seleccionó nada: no se han leído filas intermedias. Filtra lo que buscas y usa «Seleccionar todos los que coinciden», o desplázate por ellas.
queue-range-gone = No se seleccionó nada: la fila inicial ya no está entre las leídas. Selecciona una y luego el rango desde ella.
queue-new-waiting = { $n } nuevos en esta lista, aún sin mostrar
queue-new = { $n } nuevos en esta lista
queue-view-copied = «{ $view }» copiada como texto
queue-view-not-copied = No se pudo copiar la vista.
queue-all-matching = todos los pedidos que coinciden
queue-orders = { $n ->
        [one] { $n } pedido
       *[other] { $n } pedidos
    }
queue-too-many = Coinciden más de { $n } pedidos, y ninguna acción admite más a la vez. Acota el filtro y hazlo por partes.
queue-still-reading = El pedido abierto aún se está leyendo.
queue-this-view = Esta vista
queue-save-into = Guardar en ella lo que hay en pantalla
queue-shows-this = Muestra exactamente esto.
queue-copy-view = Copiar como texto
queue-view-left = Mover a la izquierda
queue-view-right = Mover a la derecha
queue-delete-view = Eliminar vista
queue-save-view = + Guardar vista
queue-more-views = Más vistas
queue-group = Agrupar
