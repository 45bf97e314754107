"""Buttons that run a chapter elsewhere: none until the repository has a public address.

The address is `repository: url` in `_config.yml`. While it is empty, no button is shown and no
notebook has an install line, so that nothing leads nowhere. With one, each chapter can be opened
on Binder and on Colab, and in the site's own JupyterLite when its address is set, too
(`launch_buttons: jupyterlite_url`). `tools/install.py` does the rest.
"""

SERVICES = {
    "notebook_interface": "jupyterlab",
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
}
ON_REPOSITORY = ("use_repository_button", "use_issues_button")


def setup(app):
    """Let Sphinx show the buttons that lead somewhere."""
    app.connect("config-inited", show_buttons)


def show_buttons(app, config):
    """Set the theme's buttons by the repository's address, or take them all away."""
    config.html_theme_options = with_buttons(dict(config.html_theme_options))


def with_buttons(options):
    """Return the theme's options with buttons for the repository that they name.

    Parameters
    ----------
    options : dict
        With `repository_url`, which may be empty, and perhaps `launch_buttons`.

    Returns
    -------
    dict
    """
    there = bool(options.get("repository_url"))
    lite = options.get("launch_buttons", {}).get("jupyterlite_url")
    options["launch_buttons"] = dict(SERVICES) if there else {}
    if there and lite:
        options["launch_buttons"]["jupyterlite_url"] = lite
    return options | dict.fromkeys(ON_REPOSITORY, there)
