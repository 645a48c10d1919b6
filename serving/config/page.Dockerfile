# The page: Streamlit and the client, no TensorFlow. Built by compose.yaml, from the root of the project.
FROM python:3.12-slim
WORKDIR /app
COPY constraints.txt ./
RUN pip install --no-cache-dir -c constraints.txt streamlit grpcio protobuf charset-normalizer openpyxl odfpy
COPY ganclf ./ganclf
COPY serving ./serving
COPY ui ./ui
USER nobody
ENV HOME=/tmp
EXPOSE 8502
ENTRYPOINT ["python", "-m", "ui", "--host", "0.0.0.0", "--port", "8502"]
