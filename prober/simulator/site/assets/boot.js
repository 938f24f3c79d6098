document.documentElement.dataset.boot = "ready";
