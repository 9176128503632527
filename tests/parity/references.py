"""What the architectures are in PyTorch: our weights, by their names, put into the modules of `torch.nn`.

Each reference takes tokens [B, T] and gives logits [B, T, V], line by line and without any of our own code.
"""

import numpy as np


def windows(tokens, context):
    """Return the context of each position: the last tokens of its line, END before its first."""
    result = np.zeros((*tokens.shape, context), dtype=np.int64)
    for row, line in enumerate(tokens):
        window = [0] * context
        for column, token in enumerate(line):
            window = [0] * context if token == 0 else [*window[1:], int(token)]
            result[row, column] = window
    return result


def blocks(line, limit):
    """Return a row cut where the model begins anew: at each END, and after `limit` characters of a line."""
    found = []
    for token in line.tolist():
        if token == 0 or not found or len(found[-1]) == limit:
            found.append([])
        found[-1].append(token)
    return found


def put(torch, module, exported, *arguments, **named):
    """Return what a module gives with these weights in the place of its own."""
    return torch.func.functional_call(module.to(next(iter(exported.values())).dtype), exported, arguments, named)


def bigram(torch, architecture, weights, tokens):
    symbols = len(weights["W"])
    return torch.nn.functional.one_hot(torch.tensor(tokens), symbols).to(weights["W"].dtype) @ weights["W"]


def mlp(torch, architecture, weights, tokens):
    contexts = windows(tokens, architecture.context)
    hidden = torch.tanh(weights["C"][contexts].flatten(-2) @ weights["W1"] + weights["b1"])
    return hidden @ weights["W2"] + weights["b2"]


def batch_norms(torch, weights):
    """Return a `torch.nn.BatchNorm1d` for each of ours, by name, with our weights as its own and in training."""
    modules = {}
    for name in (name.removesuffix(".gain") for name in weights if name.endswith(".gain")):
        gain = weights[f"{name}.gain"]
        module = torch.nn.BatchNorm1d(len(gain), eps=1e-5, momentum=0.1, dtype=gain.dtype)
        del module.weight, module.bias  # parameters; ours are leaves already, whose gradients are compared
        module.weight, module.bias = gain, weights[f"{name}.bias"]
        module.running_mean = weights[f"{name}.mean"].detach().clone()
        module.running_var = weights[f"{name}.variance"].detach().clone()
        modules[name] = module
    return modules


def deep_mlp(torch, architecture, weights, tokens, norms=None):
    norms = norms or prepared(batch_norms(torch, weights))
    h = weights["C"][windows(tokens, architecture.context)].flatten(-2).flatten(0, 1)
    for name, norm in norms.items():
        h = torch.tanh(norm(h @ weights[f"{name}.W"]))
    return (h @ weights["W"] + weights["b"]).reshape(*tokens.shape, -1)


def wavenet(torch, architecture, weights, tokens, norms=None):
    norms = norms or prepared(batch_norms(torch, weights))
    h = weights["C"][windows(tokens, architecture.context)].flatten(0, 1)
    for name, norm in norms.items():
        pairs = torch.cat([h[:, 0::2], h[:, 1::2]], dim=-1)
        h = torch.tanh(norm((pairs @ weights[f"{name}.W"]).transpose(1, 2)).transpose(1, 2))
    return (h.squeeze(1) @ weights["W"] + weights["b"]).reshape(*tokens.shape, -1)


def prepared(modules):
    return {name: module.eval() for name, module in modules.items()}


def recurrent(torch, architecture, weights, tokens):
    """Lines one by one, each begun with its own start state, through a cell of `torch.nn` by functional call."""
    cells = [cell(torch, architecture, weights, i) for i in range(architecture.layers)]
    symbols = len(weights["bo"])
    output = weights["C"].T if architecture.tied else weights["Wo"]
    rows = []
    for line in tokens:
        logits = []
        for token in line:
            if token == 0:
                states = [weights["start"][i][None] for i in range(architecture.layers)]
            if architecture.one_hot:
                x = torch.nn.functional.one_hot(torch.tensor([int(token)]), symbols).to(output.dtype)
            else:
                x = weights["C"][int(token)][None]
            for i, advance in enumerate(cells):
                states[i] = advance(x, states[i])
                shown = states[i][:, : architecture.hidden]
                x = x + shown if i else shown
            logits.append(x @ output + weights["bo"])
        rows.append(torch.cat(logits))
    return torch.stack(rows)


def cell(torch, architecture, weights, i):
    """Return a layer's step, (input, state) -> state, by the cell of `torch.nn` that has our weights."""
    part = {name.rpartition(".")[2]: a for name, a in weights.items() if name.startswith(f"layers.{i}.")}
    inputs, hidden, own = part["Wx"].shape[0], architecture.hidden, torch.zeros_like(part["b"])
    kind = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}[architecture.kind]
    if architecture.kind == "gru":
        own = torch.cat([own[: 2 * hidden], part["bn"]])
    exported = {"weight_ih": part["Wx"].T, "weight_hh": part["Wh"].T, "bias_ih": part["b"], "bias_hh": own}
    module = kind(inputs, hidden)

    def advance(x, state):
        if architecture.kind != "lstm":
            return put(torch, module, exported, x, state)
        return torch.cat(put(torch, module, exported, x, (state[:, :hidden], state[:, hidden:])), dim=1)

    return advance


def bow(torch, architecture, weights, tokens):
    def of_block(block):
        e = weights["C"][block] + weights["P"][: len(block)]
        z = e + torch.stack([e[: t + 1].mean(dim=0) for t in range(len(block))])
        hidden = torch.tanh(z @ weights["W1"] + weights["b1"])
        return (z + hidden @ weights["W2"] + weights["b2"]) @ weights["Wo"] + weights["bo"]

    return torch.stack(
        [torch.cat([of_block(block) for block in blocks(line, architecture.context)]) for line in tokens]
    )


def transformer(torch, architecture, weights, tokens):
    width = architecture.embedding
    norm = torch.nn.LayerNorm(width)
    project, merge = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
    up, down = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)
    gelu = torch.nn.GELU(approximate="tanh")

    def normed(name, x):
        return put(torch, norm, {"weight": weights[f"{name}.gain"], "bias": weights[f"{name}.bias"]}, x)

    def linear(module, matrix, bias, x):
        return put(torch, module, {"weight": weights[matrix].T, "bias": weights[bias]}, x)

    def attended(name, x):
        heads = linear(project, f"{name}.Wqkv", f"{name}.bqkv", x).unflatten(-1, (3, architecture.heads, -1))
        q, k, v = heads.permute(1, 2, 0, 3)
        each = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return linear(merge, f"{name}.Wp", f"{name}.bp", each.transpose(0, 1).flatten(1))

    def widened(name, x):
        return linear(down, f"{name}.W2", f"{name}.b2", gelu(linear(up, f"{name}.W1", f"{name}.b1", x)))

    def of_block(block):
        x = weights["C"][block] + weights["P"][: len(block)]
        for i in range(architecture.layers):
            name = f"blocks.{i}"
            x = x + attended(name, normed(f"{name}.attention", x))
            x = x + widened(name, normed(f"{name}.mlp", x))
        return normed("last", x) @ weights["Wo"]

    return torch.stack(
        [torch.cat([of_block(block) for block in blocks(line, architecture.context)]) for line in tokens]
    )
