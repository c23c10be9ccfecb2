import keras
from keras import layers as L
sizes = [4, 8 * 2, -(-3)]
class Net(keras.Model):
    def __init__(self, n=3):
        super().__init__()
        self.a = [L.Dense(u, name=f"d{u}") for u in sizes]
    def call(self, x):
        return x if x else None
def block(x, units, *rest, deep=2):
    for i, u in enumerate(range(deep)):
        x = L.Dense(units + i)(x)
    while x:
        x = L.Dropout(.5)(x)
    return x
m = Net(n=sizes[1])
with open("f") as f:
    try:
        block(m, 3)(block(m, 4, deep=1))
    except ValueError:
        pass
m.compile("adam", loss="mse")
