"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable

from morelike.autograd.engine import Value


class SGD:
    """Gradient descent with momentum (Polyak 1964), as in PyTorch: v = momentum v + grad; p -= learning_rate v.

    `learning_rate` may be changed between steps.

    >>> x = Value(3.0)
    >>> descent = SGD([x], learning_rate=0.1, momentum=0.5)
    >>> for _ in range(50):
    ...     descent.zero_grad()
    ...     (x**2).backward()
    ...     descent.step()
    >>> abs(x.data) < 1e-6
    True
    """

    def __init__(self, parameters: Iterable[Value], learning_rate: float, momentum: float = 0.0) -> None:
        if not 0 < learning_rate < float("inf"):
            raise ValueError(f"learning_rate = {learning_rate}: give a number above 0, such as 0.1")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum = {momentum}: give 0 for none, or a share below 1, such as 0.9")
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.velocities = [0.0] * len(self.parameters)

    def step(self) -> None:
        """Change every parameter by its gradient and its momentum."""
        for i, parameter in enumerate(self.parameters):
            self.velocities[i] = self.momentum * self.velocities[i] + parameter.grad
            parameter.data -= self.learning_rate * self.velocities[i]

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0, before the next `backward()` adds to them."""
        for parameter in self.parameters:
            parameter.grad = 0.0
