FROM python:3.12-slim

ENV HOME=/tmp TZ=UTC PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN useradd --uid 10001 --home-dir /tmp --no-create-home tuner \
    && install --directory --owner tuner --group tuner /app/studies /login /secret /state

# The dependencies are a layer of their own: a stand-in for the source asks for them.
WORKDIR /src
COPY pyproject.toml constraints.txt deploy/requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
ARG EXTRAS=postgres
RUN mkdir studies tuner && touch LICENSE README.md && echo '__version__ = "0"' > tuner/__init__.py \
    && pip install -c constraints.txt ".[$EXTRAS]"

COPY . .
RUN pip install --no-deps .

WORKDIR /app
USER 10001:10001
CMD ["tuner", "--help"]
