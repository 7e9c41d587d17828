import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes with Java's own client: arguments are brokers, topic and keys; says which partition each key got, a line each. */
public class ProduceKeys {
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0], "acks", "all");
    StringSerializer text = new StringSerializer();
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, text, text)) {
      for (String key : Arrays.copyOfRange(arguments, 2, arguments.length)) {
        byte[] line = (producer.send(new ProducerRecord<>(arguments[1], key, key)).get().partition() + "\n")
            .getBytes(StandardCharsets.UTF_8);
        System.out.write(line);
      }
      System.out.flush();
    }
  }
}
