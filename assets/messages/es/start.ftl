# Before the desk: nothing is connected yet, or it does not open.
start-title = Todos los pedidos en un solo lugar
start-lead = Quayside lee tus tiendas y la cuenta con la que envías, guarda todos los pedidos en una sola lista en este ordenador y dice de cada uno que está parado a qué espera. Solo observa hasta que hayas visto su plan y lo hayas activado.
start-opening = Abriendo el entorno de prueba…
start-sandbox = Explorar con el entorno de prueba
start-sandbox-what = Un comerciante inventado: llegan pedidos, un almacén empaqueta, algunas cosas salen mal. No hace falta ninguna cuenta.
start-connect = Conectar mis cuentas
start-connect-what = Una tienda y una cuenta de envíos, paso a paso, cada una probada antes de guardarla.
start-restore = Restaurar una copia de seguridad
start-restore-what = De otro ordenador o de un día anterior, con su frase de contraseña.
start-follows = Lo que sigue
start-follows-connect = Conecta una tienda y la cuenta con la que envías
start-follows-read = Quayside lee los pedidos
start-follows-plan = Miras el plan: no se ha enviado nada
start-follows-on = Lo activas, a partir de un pedido
start-secrets = Las credenciales se quedan en el llavero de este ordenador. No se envía nada a ningún sitio salvo a tus propias plataformas.

# The desk does not open.
broken-keychain = El llavero no se abre
broken-storage = No se pueden abrir tus pedidos
broken-held = Quayside ya está abierto
broken-title = Quayside no puede abrirse
broken-restore = Restaurar una copia…
broken-fresh = Empezar de nuevo…
broken-details = los detalles
broken-copy = Copiar los detalles
broken-fresh-title = ¿Empezar de nuevo?
broken-fresh-means = El archivo dañado se aparta, no se borra. Los pedidos, los paquetes y los estados se leen de nuevo de las plataformas; lo que solo sabía Quayside (retenciones, aplazamientos, notas, historial) no.
broken-fresh-confirm = Empezar de nuevo
