# "Are we fine?": the first screen.
home-title = { $weekday }, { $clock }. { $headline }
home-wall = Modo mural
home-unread = No se pudo leer el resumen
home-today = Deben salir hoy
home-today-none = nada pendiente
home-still-here = { $n } aún aquí
home-left = Ya enviados
home-at-risk = En riesgo
home-no-deadline = ningún plazo próximo
home-next-deadline = próximo plazo { $when }
home-late = Con retraso
home-late-none = nada con retraso
home-oldest = el más antiguo { $length }
home-need-a-person = Necesitan a alguien
home-all-clear = todo en orden
home-causes = { $n ->
        [one] { $n } causa
       *[other] { $n } causas
    }
home-causes-more = { $n ->
        [one] { $n } causa más
       *[other] { $n } causas más
    }
home-causes-none = Nada te necesita.
home-needs-a-person = Necesita a alguien
home-all-exceptions = Todas las incidencias
home-waits = Qué espera a qué
home-waits-none = No hay pedidos abiertos.
home-did = Lo que Quayside ha hecho hoy por ti
home-did-none = Hoy aún no se ha enviado nada.
home-fresh = Lo al día que está cada cuenta

# How fresh each account is.
accounts-account = Cuenta
accounts-last-read = Última lectura
accounts-fresh-within = Al día en
accounts-budget = Cupo de llamadas
accounts-today = Hoy
accounts-not-yet = aún no
accounts-orders-in = { $n ->
        [one] { $n } pedido recibido
       *[other] { $n } pedidos recibidos
    }
accounts-orders-taken = { $n ->
        [one] { $n } pedido aceptado
       *[other] { $n } pedidos aceptados
    }
accounts-did = { $orders }, { $n ->
        [one] { $n } cambio hecho
       *[other] { $n } cambios hechos
    }

# The last days as bars.
trends-name = Los últimos días
trends-tabs = Tendencias
trends-left-per-day = Enviados por día
trends-late = Con retraso
trends-time-to-ship = Tiempo hasta el envío
trends-exceptions = Incidencias
trends-days-shown = Días mostrados
trends-days = { $n ->
        [one] { $n } día
       *[other] { $n } días
    }
trends-none = Aún no hay barras: nada de esto en estos días.
trends-nothing-left = No salió nada en estos días.
trends-usually = Normalmente { $length } del pedido al paquete
trends-in-time = { $share } % salieron a tiempo
trends-began = { $n ->
        [one] { $n } incidencia nueva
       *[other] { $n } incidencias nuevas
    }; { $mended } se resolvieron solas
trends-left = { $n ->
        [one] { $n } pedido salió
       *[other] { $n } pedidos salieron
    } en { $days }
trends-bar-hours = del pedido al paquete
trends-bar-late = % con retraso, { $late } de { $all }
trends-bar-mended = se resolvieron solas
trends-bar-settled = resueltas a mano
trends-bar-began = nuevas más
trends-bar-in-time = salieron a tiempo
trends-bar-left-late = salieron tarde

# First steps.
steps-head = Primeros pasos
steps-done = { $n } de { $all } hechos
steps-done-name = Primeros pasos hechos
steps-hide = Ocultar
steps-done-one = Hecho:
steps-store = Conectar una tienda…
steps-hub = Conectar…
steps-permissions = Ver qué falta
steps-read = Ver la cola
steps-plan = Ver el plan…
steps-live = Elegir…
steps-first = Ver los números
steps-go = Ir allí
