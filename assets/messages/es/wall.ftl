# The screen on the wall: read from afar, without names.
wall-title = Lo que debe salir hoy
wall-leave = Salir del modo mural
wall-numbers = Hoy
wall-of = de { $n }
wall-left = Enviados
wall-risk-or-late = En riesgo o con retraso
wall-late = { $n } con retraso
wall-in-time = todo a tiempo
wall-soon = debe salir pronto
wall-next = Próximos plazos
wall-units = { $n ->
        [one] { $n } unidad
       *[other] { $n } unidades
    }
wall-needs-a-person = necesita a alguien
wall-none = Ningún plazo a la vista.
wall-old = Estas cifras tienen { $length }
wall-as-of = A las { $clock }
