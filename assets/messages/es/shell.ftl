# The frame of the window: rail, foot, palette, sheet of keys, bars above every screen.
place-home = Inicio
place-queue = Cola
place-unfulfilled = Sin enviar
place-exceptions = Incidencias
place-shipments = Envíos
place-returns = Devoluciones
place-stock = Existencias
place-reports = Informes
place-activity = Actividad
place-automations = Automatizaciones
place-connections = Conexiones
place-settings = Ajustes
rail-name = Pantallas y cuentas
rail-search = Buscar
rail-search-title = Buscar pantallas, acciones, pedidos y ajustes ({ $key })
rail-places = Pantallas
rail-set-up = Configurar
rail-accounts = Cuentas
rail-account-new = nueva
rail-account-not-read = { $name }: aún sin leer
rail-account-read = { $name }: { $state }; última lectura { $when }
frame-skip = Saltar a la lista
frame-lost = No se pudo cargar esta pantalla. Reinicia el programa; no se ha perdido nada.

# What the keyboard can do everywhere.
group-go-to = Ir a
group-order = Pedido
group-list = Lista
group-desk = Programa
group-view = Vista
do-search-everything = Buscar en todo
do-search-list = Buscar o filtrar en esta lista
do-show-keys = Mostrar todas las teclas
do-sync = Sincronizar ahora: leer todas las cuentas
do-undo = Deshacer lo último
do-undo-nothing = Ahora no hay nada que deshacer.
do-lately = Lo hecho hace poco, y deshacerlo…
do-lately-nothing = No se ha hecho nada que se pueda deshacer.
do-theme = Cambiar entre claro y oscuro
do-wall = Modo mural: números grandes, sin nombres
do-contrast = Activar o quitar el alto contraste
do-density = Cambiar entre filas cómodas y compactas

# The palette.
palette-name = Buscar pantallas, acciones, ajustes y pedidos
palette-hint = Una pantalla, una acción, un ajuste, un pedido…
palette-matches = Resultados
palette-none = Nada se llama «{ $text }». Los pedidos se encuentran por número, nombre, SKU o número de seguimiento.
palette-go-to = Ir a { $place }
palette-setting = Ajuste: { $name }
palette-account = Cuenta: { $name }
palette-view = Ir a Cola: { $view }
palette-cause = Causa: { $title } ({ $n })

# Sheets behind the foot.
keys-title = Teclas
keys-words = Con el ratón también se puede todo esto.
lately-title = Hecho hace poco
lately-words = Cada acción se puede deshacer durante diez minutos. Lo que ya se comunicó a una plataforma no está en esta lista.
lately-take-back = Deshacer
lately-take-back-what = Deshacer: { $sentence }
lately-none = Ya no queda nada que deshacer.

# The foot. In bold: the numbers.
foot-open = { $n } abiertos
foot-left-today = Enviados hoy: { $n } de { $all }
foot-take-back = Deshacer…
foot-as-of = A las { $clock }
foot-keys = ? para teclas

# Bars above every screen.
trouble-name = Problema
trouble-waits = Todo espera.
trouble-check-up = Revisión…
trouble-sentence = la frase
sandbox-name = Entorno de prueba
sandbox-head = Entorno de prueba.
sandbox-words = Estos pedidos son inventados; nada sale de este ordenador.
sandbox-connect = Conectar mis cuentas…
fallen-name = Algo se detuvo
fallen-head = Una parte de Quayside se detuvo
fallen-head-times = Una parte de Quayside se detuvo { $n } veces
fallen-words = { $head }, la última vez: { $when }. Se reinició y no se ha perdido nada. Un informe sin nombres queda en este ordenador.
fallen-show = Ver lo que se sabe…
opening-words = Abriendo el llavero y los pedidos…
