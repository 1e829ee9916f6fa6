"""Spyne's server of SOAP 1.1 and 1.2, asked by Zeep, which has the description from the server."""
import zeep
from spyne import Application, Fault, Integer, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication

from serving import wsgi


class Orders(ServiceBase):
    @rpc(Integer, _returns=Unicode)
    def GetOrder(ctx, id):
        if id < 0:
            raise Fault("Server", "no such order")
        return f"order {id}"

    @rpc(Unicode, _returns=Integer)
    def FindOrders(ctx, text):
        return len(text)

    @rpc(Integer)
    def CancelOrder(ctx, id):
        pass


def run(port, truth, protocol):
    soap = {"1.1": Soap11, "1.2": Soap12}[protocol]
    ran = lambda failed: lambda ctx: truth.add("POST /soap", f"soap call {ctx.descriptor.name}", failed)
    app = Application([Orders], "urn:orders", in_protocol=soap(validator="lxml"), out_protocol=soap())
    app.event_manager.add_listener("method_return_object", ran(False))
    app.event_manager.add_listener("method_exception_object", ran(True))
    with wsgi(WsgiApplication(app), port):
        client = zeep.Client(f"http://127.0.0.1:{port}/soap?wsdl")
        orders = client.service
        for n in range(3):
            orders.GetOrder(n)
            orders.FindOrders("x" * n)
        orders.CancelOrder(1)
        try:
            orders.GetOrder(-1)
        except zeep.exceptions.Fault:
            pass
