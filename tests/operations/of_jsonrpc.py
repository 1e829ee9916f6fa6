"""jsonrpcserver's methods, called by jsonrpcclient."""
import jsonrpcclient
import requests
from jsonrpcserver import Error, Success, dispatch, method
from werkzeug.wrappers import Request, Response

from serving import wsgi


def run(port, truth):
    def ran(kind, name, failed=False):
        truth.add("POST /rpc", f"jsonrpc {kind} {name}", failed)

    @method
    def add(a, b):
        ran("call", "add")
        return Success(a + b)

    @method(name="orders.find")
    def find(id):
        ran("call", "orders.find", id < 0)
        return Error(1, "no such order") if id < 0 else Success({"id": id})

    @method(name="log/write")
    def log(text):
        ran("notification", "log/write")
        return Success(None)

    @method
    def get_order_v2(id):
        ran("call", "get_order_v2")
        return Success(id)

    @Request.application
    def app(request):
        answer = dispatch(request.get_data(as_text=True))
        return Response(answer, mimetype="application/json", status=200 if answer else 204)

    with wsgi(app, port):
        client, url = requests.Session(), f"http://127.0.0.1:{port}/rpc"
        for n in range(3):
            client.post(url, json=jsonrpcclient.request("add", params=[n, 2]))
            client.post(url, json=jsonrpcclient.request("orders.find", params={"id": n - 1}))
        client.post(url, json=jsonrpcclient.notification("log/write", params={"text": "x"}))
        client.post(url, json=jsonrpcclient.request("get_order_v2", params=[1]))
        client.post(url, json=[jsonrpcclient.request("add", params=[1, 2]), jsonrpcclient.notification("log/write", params=["y"]),
                               jsonrpcclient.request("orders.find", params=[-5])])
        # What was never run.
        client.post(url, json=jsonrpcclient.request("drop_tables"))
        client.post(url, json={"method": "add", "params": [1, 2], "id": 1})
        client.post(url, data="{", headers={"Content-Type": "application/json"})
