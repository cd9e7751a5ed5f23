# The one table of states: how far an order is.
stage-unpaid = Sin pagar
stage-to-send = Por transmitir
stage-sending = Transmitiendo
stage-packing = En preparación
stage-held = Retenido
stage-partly-shipped = Enviado en parte
stage-telling = Avisando a la tienda
stage-shipped = Enviado
stage-cancelled = Cancelado
stage-nothing-to-ship = Nada que enviar
stage-ignored = Sin tocar
ship-by-shipped = enviado
ship-by-cancelled = cancelado

# Who can mend what an order waits on.
fixer-merchant = Tú
fixer-warehouse = El almacén
fixer-buyer = El comprador
fixer-platform = La plataforma
fixer-time = Nadie tiene que hacerlo

# Where a planned change stands.
effect-asked = Espera tu decisión
effect-pending = Espera su turno
effect-running = Enviado, aún sin respuesta
effect-unknown = Respuesta perdida
effect-done = Hecho
effect-refused = Rechazado
effect-skipped = Abandonado

# How a check went.
check-works = Funciona
check-limited = Funciona con un límite
check-missing = No funciona

# How far an automation may go.
mode-off = Desactivado
mode-off-means = No hace ni prevé nada.
mode-watch = Observar
mode-watch-means = Muestra lo que haría. No se envía nada.
mode-ask = Preguntar
mode-ask-means = Prepara cada cambio y espera el clic.
mode-auto = Auto
mode-auto-means = Envía por sí solo; lo que no puede hacer pasa a incidencias.

# An account's state.
account-fresh = al día
account-reading = leyendo
account-failing = lenta o con fallos
account-needs-you = te necesita
account-paused = en pausa

# What can be done about an exception. Buttons are verb and noun; an ellipsis means a dialog follows.
action-retry = Reintentar ahora
action-retry-many = Reintentar { $n }
action-skip = Omitir…
action-skip-many = Omitir { $n }…
action-map-sku = Asignar SKU…
action-map-skus = Asignar SKU…
action-edit-address = Editar dirección…
action-edit-addresses = Editar direcciones…
action-choose-service = Elegir servicio…
action-choose-services = Elegir servicios…
action-edit-and-retry = Editar y reintentar…
action-look-now = Mirar ahora
action-sign-in = Iniciar sesión…
action-grant = Conceder permiso…
action-cancel-order = Cancelar pedido…
action-cancel-orders = Cancelar { $n } pedidos…
action-void-label = Anular etiqueta…
action-void-labels = Anular { $n } etiquetas…
action-send-ours-too = Enviar también el nuestro…
action-send-ours-too-many = Enviar también { $n } de los nuestros…
action-ship-anyway = Enviar de todos modos…
action-ship-anyway-many = Enviar { $n } de todos modos…
action-release = Liberar
action-release-many = Liberar { $n }
action-open-in = Abrir en { $place }
action-open-in-store = Abrir en la tienda
action-open-in-hub = Abrir en la cuenta de envíos
action-open-tracking = Abrir el seguimiento
action-copy-change = Copiar el cambio
action-copy-order = Copiar el pedido
action-who-writes = Decir quién escribe…
action-refund = Reembolsar…
action-who-is-it = ¿Quién es?
action-map-for-all = Asignar en todos los pedidos…
action-link = Usar la copia de la cuenta de envíos
action-link-many = Usar las { $n } copias de la cuenta de envíos
action-resolve = Marcar como resuelto
action-resolve-many = Marcar { $n } como resueltos
action-approve = Aprobar
action-approve-many = Aprobar { $n }…
action-connect = Conectar una cuenta…
action-switch-on = Activar…

# What each act is called when it asks.
verb-sync = Sincronizar
verb-push = Transmitir
verb-hold = Retener
verb-release = Liberar
verb-cancel = Cancelar
verb-retry = Reintentar
verb-skip = Omitir
verb-approve = Aprobar
verb-void-label = Anular etiqueta
verb-buy-label = Comprar etiqueta
verb-return-label = Etiqueta de devolución
verb-ship-anyway = Enviar de todos modos
verb-look-now = Mirar ahora
verb-resolve = Marcar como resuelto
verb-link = Usar la copia de la cuenta de envíos
verb-unlink = No es este pedido
verb-refund = Reembolsar
verb-snooze = Posponer
verb-wake = Recuperar ahora
verb-assign = Asignar a
verb-edit = Editar y reintentar
